import { type DescField, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { propertyName } from "../../compiler/names.js";
import { int64TypeOf } from "../../compiler/value-type.js";
import { elementType, fieldType, scalarType } from "../check/field-type.js";
import { types } from "../check/type.js";
import type { Expression, Literal } from "../expression.js";
import { call, type Form, int32, NotTranslatable, safeInt, safeUint, scalarTypeOf, type Translated, uint32 } from "./form.js";

/** How a value of a field arrives: the form that it has in expressions, and the function that brings it into that form, where one is needed. */
export interface Arrival {
  readonly form: Form;
  readonly convert: string | undefined;
}

/** The value of `field` in `message`: its default where it is absent. */
export function readField(message: Translated, field: DescField): Translated {
  const raw = property(message, field);
  return { expression: readValue(raw, field), type: fieldType(field), form: formOfField(field), fallible: message.fallible };
}

/** `has(message.field)`. */
export function testField(message: Translated, field: DescField): Translated {
  const raw = property(message, field);
  return { expression: isPresent(raw, field), type: types.bool, form: { kind: "bool" }, fallible: message.fallible };
}

/** How the value of a field, or its items or values, arrive. */
export function arrivalOf(field: DescField): Arrival {
  if (field.enum !== undefined) return as(field.enum.typeName === "google.protobuf.NullValue" ? { kind: "null" } : int32);
  if (field.message === undefined) return arrivalOfScalar(field.scalar, int64TypeOf(field));
  const type = elementType(field);
  switch (type.kind) {
    case "message":
      // what stands for them in TypeScript is no message
      if (type.desc.typeName.startsWith("google.protobuf.")) throw new NotTranslatable(type.desc.typeName);
      return as({ kind: "message", desc: type.desc });
    case "timestamp":
    case "duration":
      return { form: { kind: "nanos" }, convert: "nanosOf" };
    case "wrapper":
      return arrivalOfScalar(field.message.fields[0]?.scalar, "bigint");
    default:
      throw new NotTranslatable(field.message.typeName);
  }
}

/** The form of a whole field: of a list, a map, or a wrapper that may be absent. */
export function formOfField(field: DescField): Form {
  const { form, convert } = arrivalOf(field);
  if (field.fieldKind === "list") return { kind: "list", item: form, convert };
  if (field.fieldKind === "map") return { kind: "map", key: arrivalOfKey(field.mapKey), value: form, convert };
  return elementType(field).kind === "wrapper" ? { kind: "nullable", of: form } : form;
}

/** The form of the keys of a map. */
export const arrivalOfKey = (scalar: ScalarType): Form => arrivalOfScalar(scalar, "bigint").form;

function property(message: Translated, field: DescField): Expression {
  const oneof = field.oneof === undefined ? undefined : propertyName(field.oneof);
  return { kind: "property", message: message.expression, property: propertyName(field), oneof };
}

function readValue(raw: Expression, field: DescField): Expression {
  const otherwise = (value: Expression): Expression => ({ kind: "default", value: raw, otherwise: value, type: undefined });
  if (field.fieldKind === "list") return otherwise({ kind: "list", items: [] });
  if (field.fieldKind === "map") return otherwise({ kind: "map", entries: [] });
  const { form, convert } = arrivalOf(field);
  if (form.kind === "message") return raw;
  if (form.kind === "nanos") return call("nanosOf", raw);
  if (elementType(field).kind === "wrapper") {
    return convert === undefined ? otherwise({ kind: "literal", value: null }) : call("convertNullable", raw, { kind: "function", name: convert });
  }
  // comparisons with a number that an enum does not declare are none of its type
  const type = field.enum === undefined ? undefined : scalarTypeOf(form);
  const value: Expression = { kind: "default", value: raw, otherwise: { kind: "literal", value: defaultOf(field, form) }, type };
  return convert === undefined ? value : call(convert, value);
}

/** What an absent field stands for. */
function defaultOf(field: DescField, form: Form): Literal {
  const declared = field.fieldKind === "scalar" || field.fieldKind === "enum" ? field.getDefaultValue() : undefined;
  if (declared !== undefined) return form.kind === "integer" ? Number(declared) : declared;
  switch (form.kind) {
    case "integer":
      return field.enum?.values[0]?.number ?? 0;
    case "double":
      return 0;
    case "bigint":
      return 0n;
    case "bool":
      return false;
    case "string":
      return "";
    case "bytes":
      return new Uint8Array();
    default:
      return null;
  }
}

function isPresent(raw: Expression, field: DescField): Expression {
  if (field.fieldKind === "list" || field.fieldKind === "map") return call("isFilled", raw);
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return { kind: "is_set", value: raw };
  const { form } = arrivalOf(field);
  const value = readValue(raw, field);
  // minus zero has bits of its own
  if (form.kind === "double") return call("isNotZero", value);
  if (form.kind === "bytes") return call("isFilled", value);
  return { kind: "operator", operator: "!==", left: value, right: { kind: "literal", value: zeroOf(form) } };
}

/** Unlike the default, the zero of an implicit enum is always 0. */
const zeroOf = (form: Form): Literal =>
  form.kind === "bigint" ? 0n : form.kind === "string" ? "" : form.kind === "bool" ? false : form.kind === "null" ? null : 0;

function arrivalOfScalar(scalar: ScalarType | undefined, int64: "bigint" | "number" | "string"): Arrival {
  switch (scalar) {
    case ScalarType.DOUBLE:
      return as({ kind: "double" });
    case ScalarType.FLOAT:
      return { form: { kind: "double" }, convert: "toFloat" };
    case ScalarType.BOOL:
      return as({ kind: "bool" });
    case ScalarType.STRING:
      return as({ kind: "string" });
    case ScalarType.BYTES:
      return as({ kind: "bytes" });
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return as(int32);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return as(uint32);
    default:
      if (int64 === "number") return as(scalarType(scalar).kind === "uint" ? safeUint : safeInt);
      return { form: { kind: "bigint" }, convert: int64 === "string" ? "toBigint" : undefined };
  }
}

const as = (form: Form): Arrival => ({ form, convert: undefined });
