import type { MessageReader } from "./reader.js";
import { keepUnknownField, writeUnknownFields } from "./unknown-fields.js";
import type { Writer } from "./writer.js";

/** A message of any type, encoded, as `google.protobuf.Any`. */
export interface Any {
  /** Ends in the full name of the type: `type.googleapis.com/quakes.v1.QuakeReported`. Empty, as `value` is then, where it holds no message. */
  typeUrl: string;
  value: Uint8Array;
}

/** What may be published as an `Any`. */
export type AnyInit = Readonly<Partial<Any>>;

const typeName = "google.protobuf.Any";

export function readAny(reader: MessageReader, previous?: Any, end = -1): Any {
  const any = previous ?? { typeUrl: "", value: new Uint8Array() };
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 10) any.typeUrl = reader.text();
    else if (tag === 18) any.value = reader.copyBytes();
    else if (tag === end) return any;
    else keepUnknownField(any, typeName, reader, tag);
  }
  reader.expectEnd(end);
  return any;
}

export function writeAny(writer: Writer, any: AnyInit): void {
  writeUnknownFields(any, typeName, writer);
  const { typeUrl, value } = any;
  if (typeUrl) writer.uint32(10).string(typeUrl);
  if (value !== undefined && value.length > 0) writer.uint32(18).bytes(value);
}
