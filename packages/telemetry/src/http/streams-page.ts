import type { Explanation, PartitionExplanation } from "@org/bus-core";

/** What `explain()` says of all streams, for people. All text is escaped: keys and errors are what others have sent. */
export function streamsPage(service: string, streams: readonly Explanation[], now: number): string {
  const sections = streams.map((stream) => streamSection(stream, now));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escapeHtml(service)}: streams</title>
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #ccc; padding: 0.2rem 0.8rem 0.2rem 0; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.held { background: #fff3cd; }
</style>
</head>
<body>
<h1>${escapeHtml(service)}: streams</h1>
<p>${new Date(now).toISOString()} · <a href="/debug/streams?format=json">as JSON</a></p>
${sections.join("\n") || "<p>No stream is open in this process.</p>"}
</body>
</html>
`;
}

function streamSection(stream: Explanation, now: number): string {
  const fault = stream.lastFault;
  const stages = stream.stages.map(({ name, inFlight, waiting, keys }) => row([name, inFlight, waiting, keys]));
  const partitions = stream.partitions.map((partition) => partitionRow(partition, now));
  return `<h2>${escapeHtml(stream.group)}: ${escapeHtml(stream.state)}</h2>
<p>${escapeHtml(stream.topics.join(", "))}</p>
${fault === undefined ? "" : `<p>Last fault, ${ago(fault.at, now)}: ${escapeHtml(fault.code)}, ${escapeHtml(fault.message)}</p>`}
${table(["operator", "in flight", "waiting", "keys"], stages)}
${table(["partition", "committed", "settled to", "log end", "lag", "unsettled", "paused by", "held by", "key", "where", "state", "try", "since", "behind it", "last error"], partitions)}`;
}

function partitionRow(
  { topic, partition, committed, frontier, logEnd, lag, unsettled, pausedBy, heldBy }: PartitionExplanation,
  now: number,
): string {
  const held = heldBy && [
    heldBy.offset,
    heldBy.key,
    heldBy.stage,
    heldBy.state,
    heldBy.attempt,
    ago(heldBy.since, now),
    heldBy.waitingBehind,
    heldBy.lastError,
  ];
  const cells = [
    `${topic}[${partition}]`,
    committed,
    frontier,
    logEnd,
    lag,
    unsettled,
    pausedBy,
    ...(held ?? Array.from({ length: 8 }, () => undefined)),
  ];
  return row(cells, heldBy === undefined ? "" : ' class="held"');
}

function table(headings: readonly string[], rows: readonly string[]): string {
  if (rows.length === 0) return "";
  return `<table>\n<tr>${headings.map((heading) => `<th>${heading}</th>`).join("")}</tr>\n${rows.join("\n")}\n</table>`;
}

function row(cells: readonly (string | number | null | undefined)[], attributes = ""): string {
  const html = cells.map((value) => (typeof value === "number" ? `<td class="number">${value}</td>` : `<td>${escapeHtml(value ?? "")}</td>`));
  return `<tr${attributes}>${html.join("")}</tr>`;
}

function ago(since: number, now: number): string {
  return `${((now - since) / 1_000).toFixed(1)} s ago`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => entities[sign] ?? "");
}
