import type { RulePlan } from "@org/bus-core";
import fc from "fast-check";
import type { Generation } from "../generation.js";
import { argumentOf } from "../rules.js";
import { integers } from "./numbers.js";

const second = 1_000_000_000n;
const hour = 3_600n * second;
const year = 365n * 24n * hour;

/** What `google.protobuf.Timestamp` and `Duration` may hold, in seconds. */
const timestampSeconds = { min: -62_135_596_800n, max: 253_402_300_799n };
const durationSeconds = { min: -315_576_000_000n, max: 315_576_000_000n };

interface Parts {
  readonly seconds: bigint;
  readonly nanos: number;
}

export function timestamps(rules: readonly RulePlan[], { taste, now }: Generation): fc.Arbitrary<Parts> {
  let [min, max] = [timestampSeconds.min * second, timestampSeconds.max * second + second - 1n];
  if (rules.some(({ check }) => check === "beforeNow")) max = now;
  // the message is checked later than it is made: an hour, and where it is for people, a thousand years
  if (rules.some(({ check }) => check === "afterNow")) min = now + (taste === "plain" ? 1_000n * year : hour);
  const span = argumentOf(rules, "withinSpan");
  if (typeof span === "bigint") [min, max] = [now - span + span / 4n, now + span - span / 4n];
  return nanoseconds(rules, { min, max, usual: { min: now - 30n * 24n * hour, max: now } }, taste).map(toTimestamp);
}

export function durations(rules: readonly RulePlan[], { taste }: Generation): fc.Arbitrary<Parts> {
  const [min, max] = [durationSeconds.min * second, durationSeconds.max * second];
  return nanoseconds(rules, { min, max, usual: { min: second, max: hour } }, taste).map(toDuration);
}

interface Span {
  readonly min: bigint;
  readonly max: bigint;
}

/** Within bounds; where it is for people, what is usual if that is possible, and mostly of whole seconds. */
function nanoseconds(
  rules: readonly RulePlan[],
  { min, max, usual }: Span & { readonly usual: Span },
  taste: Generation["taste"],
): fc.Arbitrary<bigint> {
  if (taste === "any") return integers(rules, min, max, { taste });
  const [low, high] = [usual.min > min ? usual.min : min, usual.max < max ? usual.max : max];
  const fitting = low > high ? undefined : integersIfAny(rules, low, high);
  const all = fitting ?? integers(rules, min, max, { taste: "any" });
  const rounded = all.map((value) => value - (((value % second) + second) % second));
  return fc.oneof({ arbitrary: rounded, weight: 99 }, all);
}

function integersIfAny(rules: readonly RulePlan[], min: bigint, max: bigint): fc.Arbitrary<bigint> | undefined {
  try {
    return integers(rules, min, max, { taste: "any" });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function toTimestamp(value: bigint): Parts {
  const nanos = ((value % second) + second) % second;
  return { seconds: (value - nanos) / second, nanos: Number(nanos) };
}

/** Both parts have the same sign. */
const toDuration = (value: bigint): Parts => ({ seconds: value / second, nanos: Number(value % second) });
