import type { UnrecognizedEnumValue } from "./enums.js";
import type { MessageReader } from "./reader.js";
import { keepEnumValue } from "./unknown-fields.js";
import type { Writer } from "./writer.js";

/** Reads `google.protobuf.NullValue`, the enum of the one value null, in `field` of `message`. */
export function readNullValue(reader: MessageReader, message: object, typeName: string, field: number): null | UnrecognizedEnumValue {
  const value = reader.int32();
  return value === 0 ? null : keepEnumValue(message, typeName, field, value);
}

export function writeNullValue(writer: Writer, value: number | null): void {
  writer.int32(value ?? 0);
}
