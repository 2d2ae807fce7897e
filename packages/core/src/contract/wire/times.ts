import type { MessageReader } from "./reader.js";
import { type DurationInit, type Timestamp, type TimestampInit, timestampFromDate } from "./timestamp.js";
import type { Writer } from "./writer.js";

/** Reads a Timestamp or Duration; `previous` is what an earlier occurrence of the same field said. */
export function readTime(reader: MessageReader, previous?: Timestamp, end = -1): Timestamp {
  const time = previous ?? { seconds: 0n, nanos: 0 };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 8) time.seconds = reader.int64Bigint();
    else if (tag === 16) time.nanos = reader.int32();
    else if (tag === end) return time;
    else reader.skipField(tag);
  }
  reader.expectEnd(end);
  return time;
}

/** Writes a Timestamp or Duration. */
export function writeTime(writer: Writer, value: TimestampInit | DurationInit): void {
  const { seconds, nanos } = value instanceof Date ? timestampFromDate(value) : value;
  if (seconds !== 0n) writer.uint32(8).int64(seconds);
  if (nanos !== 0) writer.uint32(16).int32(nanos);
}
