import { type DescEnum, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { typeReference } from "./names.js";
import type { ScalarName, ScalarType as ScalarTypePlan, ValueType } from "./plan.js";

const scalarNames: Readonly<Record<ScalarType, ScalarName>> = {
  [ScalarType.DOUBLE]: "double",
  [ScalarType.FLOAT]: "float",
  [ScalarType.INT64]: "int64",
  [ScalarType.UINT64]: "uint64",
  [ScalarType.INT32]: "int32",
  [ScalarType.FIXED64]: "fixed64",
  [ScalarType.FIXED32]: "fixed32",
  [ScalarType.BOOL]: "bool",
  [ScalarType.STRING]: "string",
  [ScalarType.BYTES]: "bytes",
  [ScalarType.UINT32]: "uint32",
  [ScalarType.SFIXED32]: "sfixed32",
  [ScalarType.SFIXED64]: "sfixed64",
  [ScalarType.SINT32]: "sint32",
  [ScalarType.SINT64]: "sint64",
};

/** How a 64-bit integer is held: a bigint, unless `jstype` says otherwise. */
export type Int64Type = "bigint" | "number" | "string";

export function scalarType(scalar: ScalarType, int64: Int64Type, strictUtf8: boolean): ScalarTypePlan {
  const name = scalarNames[scalar];
  return { kind: "scalar", scalar: name, type: typeScriptType(name, int64), strictUtf8 };
}

function typeScriptType(name: ScalarName, int64: Int64Type): ScalarTypePlan["type"] {
  if (name.endsWith("64")) return int64;
  if (name === "string" || name === "bytes") return name;
  return name === "bool" ? "boolean" : "number";
}

export function enumType(desc: DescEnum): ValueType {
  return { kind: "enum", enum: typeReference(desc), open: desc.open, zero: desc.values[0]?.number ?? 0 };
}

const wrappers: Readonly<Record<string, ScalarType>> = {
  DoubleValue: ScalarType.DOUBLE,
  FloatValue: ScalarType.FLOAT,
  Int64Value: ScalarType.INT64,
  UInt64Value: ScalarType.UINT64,
  Int32Value: ScalarType.INT32,
  UInt32Value: ScalarType.UINT32,
  BoolValue: ScalarType.BOOL,
  StringValue: ScalarType.STRING,
  BytesValue: ScalarType.BYTES,
};

const googlePackage = "google.protobuf.";

/** The type of a message field; undefined for a message of Google's that is not supported yet. */
export function messageType(desc: DescMessage): ValueType | undefined {
  if (!desc.typeName.startsWith(googlePackage)) return { kind: "message", message: typeReference(desc) };
  const name = desc.typeName.slice(googlePackage.length);
  if (name === "Timestamp") return { kind: "timestamp" };
  if (name === "Duration") return { kind: "duration" };
  const wrapped = wrappers[name];
  return wrapped === undefined ? undefined : { kind: "wrapper", scalar: scalarType(wrapped, "bigint", true) };
}
