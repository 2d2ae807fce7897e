import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type Type, types } from "./type.js";

/** The type that CEL has for a field. */
export function fieldType(field: DescField): Type {
  switch (field.fieldKind) {
    case "list":
      return { kind: "list", item: elementType(field) };
    case "map":
      return { kind: "map", key: scalarType(field.mapKey), value: elementType(field) };
    default:
      return elementType(field);
  }
}

/** The type of a field's value, or of its items or values. */
export function elementType(field: DescField): Type {
  if (field.message !== undefined) return messageType(field.message);
  if (field.enum !== undefined) return field.enum.typeName === "google.protobuf.NullValue" ? types.null : types.int;
  return scalarType(field.scalar);
}

export function scalarType(scalar: ScalarType | undefined): Type {
  switch (scalar) {
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return types.double;
    case ScalarType.BOOL:
      return types.bool;
    case ScalarType.BYTES:
      return types.bytes;
    case ScalarType.STRING:
      return types.string;
    case ScalarType.UINT32:
    case ScalarType.UINT64:
    case ScalarType.FIXED32:
    case ScalarType.FIXED64:
      return types.uint;
    default:
      return types.int;
  }
}

const wellKnown: Readonly<Record<string, Type>> = {
  Timestamp: types.timestamp,
  Duration: types.duration,
  Any: types.any,
  Value: types.any,
  Struct: { kind: "map", key: types.string, value: types.any },
  ListValue: { kind: "list", item: types.any },
  DoubleValue: { kind: "wrapper", of: types.double },
  FloatValue: { kind: "wrapper", of: types.double },
  Int64Value: { kind: "wrapper", of: types.int },
  UInt64Value: { kind: "wrapper", of: types.uint },
  Int32Value: { kind: "wrapper", of: types.int },
  UInt32Value: { kind: "wrapper", of: types.uint },
  BoolValue: { kind: "wrapper", of: types.bool },
  StringValue: { kind: "wrapper", of: types.string },
  BytesValue: { kind: "wrapper", of: types.bytes },
};

export function messageType(desc: DescMessage): Type {
  const prefix = "google.protobuf.";
  const known = desc.typeName.startsWith(prefix) ? wellKnown[desc.typeName.slice(prefix.length)] : undefined;
  return known ?? { kind: "message", desc };
}
