import { type DescEnum, type DescExtension, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FieldOptions_JSType } from "@bufbuild/protobuf/wkt";
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

/** How the 64-bit integers of a field are held. */
export function int64TypeOf(field: DescField | DescExtension): Int64Type {
  switch (field.proto.options?.jstype) {
    case FieldOptions_JSType.JS_STRING:
      return "string";
    case FieldOptions_JSType.JS_NUMBER:
      return "number";
    default:
      return "bigint";
  }
}

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
  if (desc.typeName === `${googlePackage}NullValue`) return { kind: "null_value" };
  return { kind: "enum", enum: typeReference(desc), open: desc.open, zero: desc.values[0]?.number ?? 0 };
}

const wellKnownKinds: ReadonlyMap<string, WellKnownKind> = new Map<string, WellKnownKind>([
  ["Timestamp", "timestamp"],
  ["Duration", "duration"],
  ["Any", "any"],
  ["Empty", "empty"],
  ["FieldMask", "field_mask"],
  ["Struct", "struct"],
  ["Value", "value"],
  ["ListValue", "list_value"],
]);

const wrappers: ReadonlyMap<string, ScalarType> = new Map<string, ScalarType>([
  ["DoubleValue", ScalarType.DOUBLE],
  ["FloatValue", ScalarType.FLOAT],
  ["Int64Value", ScalarType.INT64],
  ["UInt64Value", ScalarType.UINT64],
  ["Int32Value", ScalarType.INT32],
  ["UInt32Value", ScalarType.UINT32],
  ["BoolValue", ScalarType.BOOL],
  ["StringValue", ScalarType.STRING],
  ["BytesValue", ScalarType.BYTES],
]);

/** The type of a message field. */
export const messageType = (desc: DescMessage): MessageType => wellKnownType(desc.typeName) ?? { kind: "message", message: typeReference(desc) };

/** The type of a message of Google's that has a form of its own in TypeScript; undefined for any other name. */
export function wellKnownType(typeName: string): MessageType | undefined {
  if (!typeName.startsWith(googlePackage)) return undefined;
  const name = typeName.slice(googlePackage.length);
  const kind = wellKnownKinds.get(name);
  if (kind !== undefined) return { kind };
  const wrapped = wrappers.get(name);
  return wrapped === undefined ? undefined : { kind: "wrapper", scalar: scalarType(wrapped, "bigint", true) };
}

const googlePackage = "google.protobuf.";
