/** A point in time with nanoseconds, as `google.protobuf.Timestamp`. `timestampToDate` gives its `Date`. */
export interface Timestamp {
  /** Whole seconds since 1970-01-01T00:00:00Z; negative before. */
  seconds: bigint;
  /** Nanoseconds to add, 0 to 999,999,999; also before 1970. */
  nanos: number;
}

/** What may be published as a `Timestamp`. */
export type TimestampInit = Readonly<Timestamp> | Date;

/** A span of time with nanoseconds, as `google.protobuf.Duration`; both parts have the same sign. */
export interface Duration {
  seconds: bigint;
  /** -999,999,999 to 999,999,999. */
  nanos: number;
}

/** What may be published as a `Duration`. */
export type DurationInit = Readonly<Duration>;

/** The `Date` of a timestamp; what is finer than a millisecond is cut off. */
export function timestampToDate(timestamp: Readonly<Timestamp>): Date {
  return new Date(Number(timestamp.seconds) * 1000 + Math.floor(timestamp.nanos / 1_000_000));
}

/** `date` as a timestamp. */
export function timestampFromDate(date: Date): Timestamp {
  const timeMs = date.getTime();
  const seconds = Math.floor(timeMs / 1000);
  return { seconds: BigInt(seconds), nanos: (timeMs - seconds * 1000) * 1_000_000 };
}

/** Nanoseconds since the epoch, or of the span. */
export function toNanos(value: TimestampInit | DurationInit): bigint {
  if (value instanceof Date) return BigInt(value.getTime()) * 1_000_000n;
  return value.seconds * 1_000_000_000n + BigInt(value.nanos);
}
