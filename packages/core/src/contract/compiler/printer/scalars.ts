import type { ScalarName, ScalarType, ValueType } from "../plan.js";

/** How a scalar is written and read: its wire type, the methods of Writer and Reader, and the check of the runtime. */
interface ScalarCode {
  readonly wireType: number;
  readonly check: string;
  readonly read: string;
  readonly write: string;
  /** Of 64 bits: a bigint, unless `jstype` says otherwise. */
  readonly long?: boolean;
}

const scalarCode: Readonly<Record<ScalarName, ScalarCode>> = {
  double: { wireType: 1, check: "isDouble", read: "double", write: "double" },
  float: { wireType: 5, check: "isFloat", read: "float", write: "float" },
  int32: { wireType: 0, check: "isInt32", read: "int32", write: "int32" },
  uint32: { wireType: 0, check: "isUint32", read: "uint32", write: "uint32" },
  sint32: { wireType: 0, check: "isInt32", read: "sint32", write: "sint32" },
  fixed32: { wireType: 5, check: "isUint32", read: "fixed32", write: "fixed32" },
  sfixed32: { wireType: 5, check: "isInt32", read: "sfixed32", write: "fixed32" },
  int64: { wireType: 0, check: "isInt64", read: "int64Bigint", write: "int64", long: true },
  uint64: { wireType: 0, check: "isUint64", read: "uint64Bigint", write: "int64", long: true },
  sint64: { wireType: 0, check: "isInt64", read: "sint64Bigint", write: "sint64", long: true },
  fixed64: { wireType: 1, check: "isUint64", read: "fixed64Bigint", write: "fixed64", long: true },
  sfixed64: { wireType: 1, check: "isInt64", read: "sfixed64Bigint", write: "fixed64", long: true },
  bool: { wireType: 0, check: "isBool", read: "bool", write: "bool" },
  string: { wireType: 2, check: "isString", read: "text", write: "string" },
  bytes: { wireType: 2, check: "isBytes", read: "copyBytes", write: "bytes" },
};

/** The tag of field `number` with a value of `type`, as it is on the wire; of a message that is `delimited`, the one in front of it. */
export function tagOf(number: number, type: ValueType, delimited = false): number {
  return ((number << 3) | (delimited ? 3 : wireTypeOf(type))) >>> 0;
}

function wireTypeOf(type: ValueType): number {
  switch (type.kind) {
    case "scalar":
      return scalarCode[type.scalar].wireType;
    case "enum":
    case "null_value":
      return 0;
    default:
      return 2;
  }
}

/** The tag behind a message that is delimited. */
export const endTag = (number: number): number => ((number << 3) | 4) >>> 0;

/** The tag of a packed list. */
export const packedTag = (number: number): number => ((number << 3) | 2) >>> 0;

/** The check of the runtime for the type alone. */
export function checkOf({ scalar, type }: ScalarType): string {
  const { check, long } = scalarCode[scalar];
  if (!long || type === "bigint") return check;
  return `${check}${type === "number" ? "Number" : "String"}`;
}

/** An expression that reads a scalar. */
export function readScalar({ scalar, type, strictUtf8 }: ScalarType): string {
  if (scalar === "string" && !strictUtf8) return "reader.lenientText()";
  const { read, long } = scalarCode[scalar];
  const call = `reader.${read}()`;
  if (!long || type === "bigint") return call;
  return type === "number" ? `runtime.safeNumber(${call})` : `String(${call})`;
}

/** A statement that writes `value`, the tag of which is in `writer`: an expression that ends with the Writer. */
export function writeScalar({ scalar, type }: ScalarType, writer: string, value: string): string {
  const { write, long } = scalarCode[scalar];
  return `${writer}.${write}(${long && type !== "bigint" ? `BigInt(${value})` : value});`;
}

/** The zero value. */
export function zeroOf({ type, scalar }: Pick<ScalarType, "type" | "scalar">): string {
  switch (type) {
    case "string":
      return scalar === "string" ? '""' : '"0"';
    case "boolean":
      return "false";
    case "number":
      return "0";
    case "bigint":
      return "0n";
    case "bytes":
      return "new Uint8Array()";
  }
}

/** An expression that is true of a value of implicit presence that goes on the wire: all but the zero value. */
export function isOnWire(type: ValueType, value: string): string {
  if (type.kind === "scalar") return isNotZero(type, value);
  return `${value} !== ${type.kind === "null_value" ? "null" : "0"}`;
}

/** As `isOnWire`, of a scalar. */
export function isNotZero({ scalar, type }: ScalarType, value: string): string {
  if (type === "bytes") return `${value}.length > 0`;
  if (type === "boolean") return value;
  // minus zero has bits of its own
  if (scalar === "double" || scalar === "float") return `!Object.is(${value}, 0)`;
  return `${value} !== ${zeroOf({ scalar, type })}`;
}
