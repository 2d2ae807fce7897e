import { type DurationInit, type TimestampInit, timestampToDate } from "../wire/timestamp.js";
import { describeValue } from "./describe.js";
import type { Faults } from "./faults.js";
import type { Comparable, Show } from "./numbers.js";
import { isInt64 } from "./scalars.js";
import { checkProperties, isMessage, isShallow } from "./structure.js";

const declared: readonly string[] = ["seconds", "nanos"];

/** A `Date`, or `{ seconds, nanos }` between the years 1 and 9999. */
export function isTimestamp(faults: Faults, path: string, value: unknown): value is TimestampInit {
  const mark = faults.enter();
  if (value instanceof Date) checkDate(faults, value);
  else if (typeof value !== "object" || value === null) faults.add("", "type", "must be a Date or { seconds, nanos }", describeValue(value));
  else checkParts(faults, value, { minSeconds: -62135596800n, maxSeconds: 253402300799n, minNanos: 0 });
  return finish(faults, mark, path);
}

/** `{ seconds, nanos }` of the same sign, up to 10,000 years. */
export function isDuration(faults: Faults, path: string, value: unknown): value is DurationInit {
  const mark = faults.enter();
  checkParts(faults, value, { minSeconds: -315576000000n, maxSeconds: 315576000000n, minNanos: -999999999 });
  return finish(faults, mark, path);
}

/** `must be within <span> of now`. */
export function withinSpan(faults: Faults, path: string, value: bigint, span: bigint): void {
  const now = faults.now();
  if (value < now - span || value > now + span)
    faults.add(path, "timestamp.within", `must be within ${showDuration(span)} of now`, showTimestamp(value));
}

export function beforeNow(faults: Faults, path: string, value: bigint): void {
  if (value > faults.now()) faults.add(path, "timestamp.lt_now", "must be less than now", showTimestamp(value));
}

export function afterNow(faults: Faults, path: string, value: bigint): void {
  if (value < faults.now()) faults.add(path, "timestamp.gt_now", "must be greater than now", showTimestamp(value));
}

/** Nanoseconds since the epoch as RFC 3339. */
export const showTimestamp: Show = (value) => {
  const nanos = BigInt(value);
  const fraction = ((nanos % second) + second) % second;
  const date = timestampToDate({ seconds: (nanos - fraction) / second, nanos: 0 });
  return date.toISOString().replace(".000Z", `${showFraction(fraction)}Z`);
};

/** Nanoseconds as seconds: `1.5s`. */
export const showDuration: Show = (value: Comparable) => {
  const nanos = BigInt(value);
  const magnitude = nanos < 0n ? -nanos : nanos;
  return `${nanos < 0n ? "-" : ""}${magnitude / second}${showFraction(magnitude % second)}s`;
};

const second = 1_000_000_000n;

const showFraction = (nanos: bigint): string => (nanos === 0n ? "" : `.${nanos.toString().padStart(9, "0").replace(/0+$/, "")}`);

interface Limits {
  readonly minSeconds: bigint;
  readonly maxSeconds: bigint;
  readonly minNanos: number;
}

function checkDate(faults: Faults, date: Date): void {
  const timeMs = date.getTime();
  if (Number.isNaN(timeMs)) faults.add("", "type", "must be a valid Date");
  else if (timeMs < -62135596800000 || timeMs > 253402300799999) faults.add("", "range", "must be between the years 1 and 9999", date.toISOString());
  else isShallow(faults, "");
}

function checkParts(faults: Faults, value: unknown, { minSeconds, maxSeconds, minNanos }: Limits): void {
  if (!isMessage<DurationInit>(faults, value)) return;
  checkProperties(faults, value, declared);
  const { seconds, nanos } = value;
  if (isInt64(faults, "seconds", seconds) && (seconds < minSeconds || seconds > maxSeconds)) {
    faults.add("seconds", "range", `must be between ${minSeconds} and ${maxSeconds}`, String(seconds));
  }
  if (typeof nanos !== "number" || !Number.isInteger(nanos)) faults.add("nanos", "type", "must be an integer", describeValue(nanos));
  else if (nanos < minNanos || nanos > 999999999) faults.add("nanos", "range", `must be between ${minNanos} and 999999999`, String(nanos));
  else if (typeof seconds === "bigint" && ((seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0 && minNanos < 0))) {
    faults.add("nanos", "range", "must have the sign of seconds", String(nanos));
  }
}

function finish(faults: Faults, mark: number, path: string): boolean {
  const found = faults.mark() > mark;
  faults.leave(mark, path);
  return !found;
}
