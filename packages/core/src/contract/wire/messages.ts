import type { MessageReader } from "./reader.js";

/** The message of no bytes: the value of a map entry that has none. */
export function emptyMessage<T>(reader: MessageReader, read: (reader: MessageReader) => T): T {
  const outer = reader.len;
  reader.len = reader.pos;
  const message = read(reader);
  reader.len = outer;
  return message;
}

/** Reads a wrapper (`google.protobuf.StringValue` and the like): `tag` is that of its field, `read` reads the value, which is `value` where there is none. */
export function readWrapped<T>(reader: MessageReader, tag: number, read: (reader: MessageReader) => T, value: T, end = -1): T {
  let wrapped = value;
  while (reader.pos < reader.len) {
    const inner = reader.tag();
    if (inner === tag) wrapped = read(reader);
    else if (inner === end) return wrapped;
    else reader.skipField(inner);
  }
  reader.expectEnd(end);
  return wrapped;
}
