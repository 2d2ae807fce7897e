import { headerText, type IncomingRecord } from "@org/bus-core";
import { type DeliveryEvent, isSettled } from "@org/bus-testkit";
import { Job } from "./messages.js";

export interface Results {
  /** What the pipe has published, as consumers see it. */
  readonly done: readonly IncomingRecord[];
  readonly deadLetters: readonly IncomingRecord[];
  readonly exactlyOnce: boolean;
  /** Whether the pipe kept the order of keys from beginning to end. */
  readonly inOrder: boolean;
}

/** What is wrong with what a pipe has published: a result that is missing, and under exactly once one too many, or out of order. */
export function findWrongResults(events: readonly DeliveryEvent[], { done, deadLetters, exactlyOnce, inOrder }: Results): string[] {
  const results = done.map((record) => ({ ...Job.decode(record.value ?? new Uint8Array()), partition: record.partition }));
  const letters = deadLetters.map(({ headers }) => `${headerText(headers, "bus-dlq-partition")}@${headerText(headers, "bus-dlq-offset")}`);
  const counts = countEach(results.map(({ source }) => source ?? ""));
  const violations: string[] = [];
  const dead = new Set(letters);
  const logStarts = new Map<number, number>();
  for (const event of events) if (event.kind === "deleted") logStarts.set(event.partition, event.offset);
  for (const event of events) {
    // who passed it by the end of the pipe is known; a dead letter and what the filter left out have no member
    if (!isSettled(event) || event.member === undefined) continue;
    // nobody can make up for a transaction that failed before its records were deleted
    if (event.offset < (logStarts.get(event.partition) ?? 0)) continue;
    const source = `${event.partition}@${event.offset}`;
    if (!counts.has(source) && !dead.has(source)) violations.push(`result: that of ${source} is missing`);
  }
  if (!exactlyOnce) return violations;
  for (const [source, count] of counts) {
    if (count > 1) violations.push(`result: that of ${source} is there ${count} times`);
    if (dead.has(source)) violations.push(`result: that of ${source} is there although it is a dead letter`);
  }
  for (const [source, count] of countEach(letters)) if (count > 1) violations.push(`result: the dead letter of ${source} is there ${count} times`);
  return inOrder ? [...violations, ...disorders(results)] : violations;
}

function disorders(results: readonly (Job & { readonly partition: number })[]): string[] {
  const last = new Map<string, number>();
  return results.flatMap(({ key, source = "", partition }) => {
    if (key === "") return [];
    const offset = Number(source.split("@")[1]);
    const before = last.get(`${partition} ${key}`) ?? -1;
    last.set(`${partition} ${key}`, Math.max(before, offset));
    return offset < before ? [`result: that of ${source} (key ${key}) comes after that of offset ${before}`] : [];
  });
}

function countEach(items: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
