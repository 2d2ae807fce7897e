import type { ScalarName, ScalarType, ValueType } from "../compiler/plan.js";
import { emptyBytes } from "../rules/empty.js";
import type { MessageReader } from "../wire/reader.js";
import { safeNumber } from "../wire/reader.js";
import type { Writer } from "../wire/writer.js";

export type ReadValue = (reader: MessageReader) => unknown;
export type WriteValue = (writer: Writer, value: unknown) => void;

const readers: Readonly<Record<ScalarName, ReadValue>> = {
  double: (reader) => reader.double(),
  float: (reader) => reader.float(),
  int32: (reader) => reader.int32(),
  uint32: (reader) => reader.uint32(),
  sint32: (reader) => reader.sint32(),
  fixed32: (reader) => reader.fixed32(),
  sfixed32: (reader) => reader.sfixed32(),
  int64: (reader) => reader.int64Bigint(),
  uint64: (reader) => reader.uint64Bigint(),
  sint64: (reader) => reader.sint64Bigint(),
  fixed64: (reader) => reader.fixed64Bigint(),
  sfixed64: (reader) => reader.sfixed64Bigint(),
  bool: (reader) => reader.bool(),
  string: (reader) => reader.text(),
  bytes: (reader) => reader.copyBytes(),
};

/** Reads a scalar. */
export function scalarReader({ scalar, type, strictUtf8 }: ScalarType): ReadValue {
  if (scalar === "string" && !strictUtf8) return (reader) => reader.lenientText();
  const read = readers[scalar];
  if (!scalar.endsWith("64")) return read;
  // readers of 64-bit integers give bigints
  if (type === "number") return (reader) => safeNumber(read(reader) as bigint);
  if (type === "string") return (reader) => String(read(reader));
  return read;
}

// what is written was checked before, so the types hold
const writers: Readonly<Record<ScalarName, (writer: Writer, value: never) => void>> = {
  double: (writer, value) => writer.double(value),
  float: (writer, value) => writer.float(value),
  int32: (writer, value) => writer.int32(value),
  uint32: (writer, value) => writer.uint32(value),
  sint32: (writer, value) => writer.sint32(value),
  fixed32: (writer, value) => writer.fixed32(value),
  sfixed32: (writer, value) => writer.fixed32(value),
  int64: (writer, value) => writer.int64(value),
  uint64: (writer, value) => writer.int64(value),
  sint64: (writer, value) => writer.sint64(value),
  fixed64: (writer, value) => writer.fixed64(value),
  sfixed64: (writer, value) => writer.fixed64(value),
  bool: (writer, value) => writer.bool(value),
  string: (writer, value) => writer.string(value),
  bytes: (writer, value) => writer.bytes(value),
};

/** Writes a scalar, without its tag. */
export function scalarWriter({ scalar, type }: ScalarType): WriteValue {
  const write = writers[scalar] as WriteValue;
  return scalar.endsWith("64") && type !== "bigint" ? (writer, value) => write(writer, BigInt(value as number | string)) : write;
}

/** The zero value; null where there is none, which is the one of `NullValue`. */
export function zeroValue(type: ValueType): unknown {
  if (type.kind === "scalar") return zeroOf(type);
  return type.kind === "enum" ? type.zero : null;
}

/** The zero value of a scalar. */
export function zeroOf({ type, scalar }: ScalarType): unknown {
  switch (type) {
    case "string":
      return scalar === "string" ? "" : "0";
    case "boolean":
      return false;
    case "number":
      return 0;
    case "bigint":
      return 0n;
    case "bytes":
      return new Uint8Array();
  }
}

/** Whether a value of implicit presence goes on the wire: all but the zero value. */
export function isOnWire(type: ValueType): (value: unknown) => boolean {
  if (type.kind === "scalar") return isNotZero(type);
  const zero = implicitZero(type);
  return (value) => value !== zero;
}

/** As `isOnWire`, of a scalar. */
export function isNotZero(type: ScalarType): (value: unknown) => boolean {
  if (type.type === "bytes") return (value) => (value as Uint8Array).length > 0;
  // minus zero has bits of its own
  if (type.scalar === "double" || type.scalar === "float") return (value) => !Object.is(value, 0);
  const zero = zeroOf(type);
  return (value) => value !== zero;
}

/** Whether a value, of the right type, is another than the zero value. */
export function isNotZeroValue(type: ValueType): (value: unknown) => boolean {
  if (type.kind === "null_value") return (value) => value !== null;
  if (type.kind === "enum") return (value) => value !== type.zero;
  if (type.kind !== "scalar") return () => true;
  return isNotZero(type.scalar === "double" || type.scalar === "float" ? { ...type, scalar: "int32" } : type);
}

/** What an absent value of implicit presence stands for; shared, so not to be changed. */
export function implicitZero(type: ValueType): unknown {
  if (type.kind === "scalar") return type.type === "bytes" ? emptyBytes : zeroOf(type);
  return type.kind === "null_value" ? null : 0;
}
