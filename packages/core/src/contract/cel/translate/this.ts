import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { elementType, fieldType, messageType, scalarType } from "../check/field-type.js";
import type { Type } from "../check/type.js";
import type { Expression } from "../expression.js";
import { arrivalOf, arrivalOfKey } from "./fields.js";
import { call, type Form, scalarTypeOf, type Translated } from "./form.js";

/** What `this` may be: the message, or a field of it, or the items, keys or values of one. */
export interface ThisContext {
  readonly place: "message" | "field" | "items" | "keys" | "values";
  readonly message: DescMessage;
  readonly field: DescField | undefined;
}

/** The variable `this`, which holds the value as it is found. */
export function translateThis({ place, message, field }: ThisContext): Translated {
  if (field === undefined) return variable(messageType(message), { kind: "message", desc: message }, undefined);
  if (place === "keys" && field.fieldKind === "map") return variable(scalarType(field.mapKey), arrivalOfKey(field.mapKey), undefined);
  const { form, convert } = arrivalOf(field);
  if (place === "field" && field.fieldKind === "list") return variable(fieldType(field), { kind: "list", item: form, convert }, undefined);
  if (place === "field" && field.fieldKind === "map") {
    return variable(fieldType(field), { kind: "map", key: arrivalOfKey(field.mapKey), value: form, convert }, undefined);
  }
  return variable(elementType(field), form, convert);
}

function variable(type: Type, form: Form, convert: string | undefined): Translated {
  const raw: Expression = { kind: "variable", name: "this", type: convert === undefined ? scalarTypeOf(form) : undefined };
  return { expression: convert === undefined ? raw : call(convert, raw), type, form, fallible: false };
}
