/** Reads a Java properties file: `key=value`, `key: value` or `key value`; comments with # or !; a line that ends with a backslash goes on in the next. */
export function readProperties(text: string): ReadonlyMap<string, string> {
  const properties = new Map<string, string>();
  for (const line of logicalLines(text)) {
    // a separator that a backslash precedes belongs to the key
    const [, key = "", value = ""] = /^((?:\\.|[^\\\s=:])*)\s*[=:]?\s*(.*)$/s.exec(line) ?? [];
    properties.set(unescaped(key), unescaped(value));
  }
  return properties;
}

function logicalLines(text: string): string[] {
  const lines: string[] = [];
  let begun = "";
  for (const natural of text.split(/\r\n|\r|\n/)) {
    const line = natural.trimStart();
    if (begun === "" && (line === "" || line.startsWith("#") || line.startsWith("!"))) continue;
    const goesOn = /(?:^|[^\\])(?:\\\\)*\\$/.test(line);
    begun += goesOn ? line.slice(0, -1) : line;
    if (goesOn) continue;
    lines.push(begun);
    begun = "";
  }
  return begun === "" ? lines : [...lines, begun];
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", f: "\f" };

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code?: string, letter = "") =>
    code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
