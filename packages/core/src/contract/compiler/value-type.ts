import { type DescEnum, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { typeReference } from "./names.js";
import type { EnumType, MessageType, ScalarName, ScalarType as ScalarTypePlan, WellKnownKind } from "./plan.js";

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

export function enumType(desc: DescEnum): EnumType {
  if (wellKnownName(desc) === "NullValue") return { kind: "null_value" };
  return { kind: "enum", enum: typeReference(desc), open: desc.open, zero: desc.values[0]?.number ?? 0 };
}

const wellKnownKinds: Readonly<Record<string, WellKnownKind>> = {
  Timestamp: "timestamp",
  Duration: "duration",
  Any: "any",
  Empty: "empty",
  FieldMask: "field_mask",
  Struct: "struct",
  Value: "value",
  ListValue: "list_value",
};

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

/** The type of a message field. */
export function messageType(desc: DescMessage): MessageType {
  const known = wellKnownName(desc);
  const kind = wellKnownKinds[known];
  if (kind !== undefined) return { kind };
  const wrapped = wrappers[known];
  if (wrapped !== undefined) return { kind: "wrapper", scalar: scalarType(wrapped, "bigint", true) };
  return { kind: "message", message: typeReference(desc) };
}

/** The name of a type of Google's; empty for others. */
function wellKnownName({ typeName }: DescMessage | DescEnum): string {
  const googlePackage = "google.protobuf.";
  return typeName.startsWith(googlePackage) ? typeName.slice(googlePackage.length) : "";
}
