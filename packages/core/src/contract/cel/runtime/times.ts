import { type DurationInit, type TimestampInit, toNanos } from "../../wire/timestamp.js";
import { EvaluationError } from "./evaluation-error.js";

/* Timestamps are nanoseconds since 1970, durations nanoseconds. */

const second = 1_000_000_000n;
const millisecond = 1_000_000n;

/** Of a timestamp or duration; an absent one is zero. */
export const nanosOf = (value: TimestampInit | DurationInit | undefined): bigint => (value === undefined ? 0n : toNanos(value));

export const addTimestamp = (left: bigint, right: bigint): bigint => inTimestamps(left + right);
export const subtractTimestamp = (left: bigint, right: bigint): bigint => inTimestamps(left - right);
export const addDuration = (left: bigint, right: bigint): bigint => inDurations(left + right);
export const subtractDuration = (left: bigint, right: bigint): bigint => inDurations(left - right);

const firstTimestamp = -62_135_596_800n * second;
const endOfTimestamps = 253_402_300_800n * second;

function inTimestamps(nanos: bigint): bigint {
  if (nanos >= firstTimestamp && nanos < endOfTimestamps) return nanos;
  throw new EvaluationError("the timestamp is not between the years 1 and 9999");
}

function inDurations(nanos: bigint): bigint {
  if (BigInt.asIntN(64, nanos) === nanos) return nanos;
  throw new EvaluationError("the duration is longer than 292 years");
}

/** Whole seconds, those before 1970 rounded down. */
export const secondsOf = (nanos: bigint): number => Number((nanos - modulo(nanos, second)) / second);

const modulo = (value: bigint, by: bigint): bigint => ((value % by) + by) % by;

const dateOf = (nanos: bigint): Date => new Date(Number((nanos - modulo(nanos, millisecond)) / millisecond));

/* Parts of a timestamp in UTC. */

export const getFullYear = (nanos: bigint): number => dateOf(nanos).getUTCFullYear();
/** From 0. */
export const getMonth = (nanos: bigint): number => dateOf(nanos).getUTCMonth();
export const getDate = (nanos: bigint): number => dateOf(nanos).getUTCDate();
/** From 0. */
export const getDayOfMonth = (nanos: bigint): number => dateOf(nanos).getUTCDate() - 1;
/** Sunday is 0. */
export const getDayOfWeek = (nanos: bigint): number => dateOf(nanos).getUTCDay();
export const getHours = (nanos: bigint): number => dateOf(nanos).getUTCHours();
export const getMinutes = (nanos: bigint): number => dateOf(nanos).getUTCMinutes();
export const getSeconds = (nanos: bigint): number => dateOf(nanos).getUTCSeconds();
export const getMilliseconds = (nanos: bigint): number => dateOf(nanos).getUTCMilliseconds();

/** From 0. */
export function getDayOfYear(nanos: bigint): number {
  const date = dateOf(nanos);
  const start = new Date(date);
  start.setUTCMonth(0, 1);
  start.setUTCHours(0, 0, 0, 0);
  return Math.floor((date.getTime() - start.getTime()) / 86_400_000);
}

/* Parts of a duration: all of it in hours, minutes or seconds, and what is left below a second. */

export const hoursOf = (nanos: bigint): number => Number(nanos / (3600n * second));
export const minutesOf = (nanos: bigint): number => Number(nanos / (60n * second));
export const wholeSecondsOf = (nanos: bigint): number => Number(nanos / second);
export const millisecondsOf = (nanos: bigint): number => Number((nanos % second) / millisecond);
