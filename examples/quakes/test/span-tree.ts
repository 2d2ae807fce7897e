/** A drawn span with those below it, sorted by name: which of two consumers begins first is for chance. */
export interface DrawnSpan {
  readonly label: string;
  readonly children: DrawnSpan[];
}

/** Reads a drawn tree back, without the durations. */
export function parseSpanTree(lines: readonly string[]): DrawnSpan[] {
  const roots: DrawnSpan[] = [];
  const path: DrawnSpan[] = [];
  for (const line of lines) {
    const depth = (line.search(/[├└]/) - 2) / 3;
    const span: DrawnSpan = { label: line.replace(/^[ │├└─]+/, "").replace(/ {2}[\d.]+ ms$/, ""), children: [] };
    const siblings = depth === 0 ? roots : path[depth - 1]?.children;
    siblings?.push(span);
    siblings?.sort((a, b) => a.label.localeCompare(b.label));
    path.splice(depth, path.length, span);
  }
  return roots;
}
