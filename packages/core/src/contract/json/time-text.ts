import type { Duration, Timestamp } from "../wire/timestamp.js";

const timestamp = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;
const duration = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;

const [minSeconds, maxSeconds] = [-62135596800, 253402300799];
const maxSpanSeconds = 315_576_000_000n;

/** The point in time of an RFC 3339 text between the years 1 and 9999; undefined where it is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const parts = timestamp.exec(text);
  if (parts === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts.slice(1, 7).map(Number);
  const [fraction = "", sign, offsetHours = "0", offsetMinutes = "0"] = parts.slice(7);
  const date = new Date(0);
  // not Date.UTC, which moves the years 0 to 99 into the twentieth century
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (!isReal || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined;
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === "-" ? -60 : 60);
  const seconds = date.getTime() / 1000 - offset;
  if (seconds < minSeconds || seconds > maxSeconds) return undefined;
  return { seconds: BigInt(seconds), nanos: Number(fraction.padEnd(9, "0")) };
}

/** As RFC 3339; undefined where the time lies outside of the years 1 to 9999. */
export function formatTimestamp({ seconds, nanos }: Readonly<Timestamp>): string | undefined {
  if (seconds < minSeconds || seconds > maxSeconds || nanos < 0 || nanos > 999_999_999) return undefined;
  const date = new Date(Number(seconds) * 1000).toISOString();
  return `${date.slice(0, -".000Z".length)}${formatFraction(nanos)}Z`;
}

/** The span of a text as `1.5s`, up to 10,000 years; undefined where it is none. */
export function parseDuration(text: string): Duration | undefined {
  const [, sign, whole, fraction = ""] = duration.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const [seconds, nanos] = [BigInt(whole), Number(fraction.padEnd(9, "0"))];
  if (seconds > maxSpanSeconds) return undefined;
  return sign === "-" ? { seconds: -seconds, nanos: nanos === 0 ? 0 : -nanos } : { seconds, nanos };
}

/** As `1.5s`; undefined where the span is longer than 10,000 years, or its parts have different signs. */
export function formatDuration({ seconds, nanos }: Readonly<Duration>): string | undefined {
  const isNegative = seconds < 0n || nanos < 0;
  if (isNegative && (seconds > 0n || nanos > 0)) return undefined;
  const [magnitude, rest] = isNegative ? [-seconds, -nanos] : [seconds, nanos];
  if (magnitude > maxSpanSeconds || rest > 999_999_999) return undefined;
  return `${isNegative ? "-" : ""}${magnitude}${formatFraction(rest)}s`;
}

/** With 3, 6 or 9 digits, as few as hold it. */
function formatFraction(nanos: number): string {
  if (nanos === 0) return "";
  return `.${nanos
    .toString()
    .padStart(9, "0")
    .replace(/(?:000){1,2}$/, "")}`;
}
