import type { Duration, TimestampInit } from "@org/bus-core";

/** RFC 3339 with what PostgreSQL keeps of the nanoseconds: `2026-11-28T16:00:00.000001Z`. */
export function timestampText(value: TimestampInit): string {
  if (value instanceof Date) return value.toISOString();
  const second = new Date(Number(value.seconds) * 1000).toISOString().slice(0, 19);
  return `${second}.${String(Math.floor(value.nanos / 1000)).padStart(6, "0")}Z`;
}

/** Decimal seconds with what PostgreSQL keeps of the nanoseconds: `-1.500000`. */
export function durationSeconds({ seconds, nanos }: Readonly<Duration>): string {
  const micros = seconds * 1_000_000n + BigInt(Math.trunc(nanos / 1000));
  const size = micros < 0n ? -micros : micros;
  return `${micros < 0n ? "-" : ""}${size / 1_000_000n}.${String(size % 1_000_000n).padStart(6, "0")}`;
}
