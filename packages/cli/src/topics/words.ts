import type { TopicCleanup, TopicDeclaration } from "@org/bus-core";

const units = [
  { name: "day", ms: 86_400_000 },
  { name: "hour", ms: 3_600_000 },
  { name: "minute", ms: 60_000 },
  { name: "second", ms: 1_000 },
] as const;

/** `7 days`, `36 hours`, `1500 ms`, `for ever`, `the cluster's default`. */
export function describeRetention(retentionMs: number | undefined): string {
  if (retentionMs === undefined) return "the cluster's default";
  if (retentionMs === -1) return "for ever";
  const unit = units.find(({ ms }) => retentionMs >= ms && retentionMs % ms === 0);
  if (unit === undefined) return `${retentionMs} ms`;
  const count = retentionMs / unit.ms;
  return `${count} ${unit.name}${count === 1 ? "" : "s"}`;
}

const cleanups: Readonly<Record<TopicCleanup, string>> = {
  delete: "records are deleted once the retention has passed",
  compact: "of each key only the last record stays",
  "compact,delete": "of each key only the last record stays, until the retention has passed",
};

/** What becomes of old records. */
export const describeCleanup = (cleanup: TopicCleanup): string => cleanups[cleanup];

/** `checkout (#checkout)`. */
export const describeOwner = ({ team, channel }: TopicDeclaration["owner"]): string => `${team} (${channel})`;
