import type { MessageReader } from "./reader.js";
import { keepUnknownField, writeUnknownFields } from "./unknown-fields.js";
import type { Writer } from "./writer.js";

/** A message without fields, as `google.protobuf.Empty`: `{}`. */
export type Empty = Readonly<Record<string, never>>;

const typeName = "google.protobuf.Empty";

export function readEmpty(reader: MessageReader, previous: Empty = {}, end = -1): Empty {
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === end) return previous;
    keepUnknownField(previous, typeName, reader, tag);
  }
  reader.expectEnd(end);
  return previous;
}

export function writeEmpty(writer: Writer, value: Empty): void {
  writeUnknownFields(value, typeName, writer);
}
