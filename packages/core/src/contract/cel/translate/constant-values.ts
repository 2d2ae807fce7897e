import type { DescExtension, DescField, DescMessage } from "@bufbuild/protobuf";
import { isOptionMessage, type OptionMessage, type OptionValue } from "../../compiler/options.js";
import { fieldType } from "../check/field-type.js";
import type { Type } from "../check/type.js";
import type { Literal } from "../expression.js";
import { NotTranslatable, type Translated } from "./form.js";
import { type Constants, constant, translateLiteral } from "./translate.js";
import { unifyAll, widestOf } from "./unify-forms.js";

/** `rules`: the message of rules that a predefined rule is among. */
export function constantsOf(desc: DescMessage, rules: OptionMessage): Constants {
  const fields = desc.fields.map((field) => {
    const value = rules.fields.get(field.name);
    return [field.name, { value: tryConstant(field, value), isSet: value !== undefined }] as const;
  });
  return { kind: "constants", fields: new Map(fields) };
}

/** What `rule` is: the value of an extension, or of a field. Undefined where it has no form in JavaScript. */
export function tryConstant(field: DescField | DescExtension, value: OptionValue | undefined): Translated | undefined {
  try {
    return constantOf(typeOf(field), value);
  } catch (error) {
    if (error instanceof NotTranslatable) return undefined;
    throw error;
  }
}

/** The type of an extension, as that of a field. */
export const typeOf = (field: DescField | DescExtension): Type => fieldType(field as DescField); // what differs is not looked at

function constantOf(type: Type, value: OptionValue | undefined): Translated {
  switch (type.kind) {
    case "list": {
      const items = unifyAll((Array.isArray(value) ? value : []).map((item: OptionValue) => constantOf(type.item, item)));
      return {
        expression: { kind: "list", items: items.map(({ expression }) => expression) },
        type,
        form: { kind: "list", item: widestOf(items), convert: undefined },
        fallible: false,
      };
    }
    case "wrapper":
      return value === undefined
        ? constant(type, null, { kind: "null" })
        : { ...constantOf(type.of, isOptionMessage(value) ? value.fields.get("value") : value), type };
    case "timestamp":
    case "duration":
      return constant(type, nanosOf(value), { kind: "nanos" });
    case "int":
    case "uint":
      return translateLiteral(type, BigInt((value as number | bigint | undefined) ?? 0));
    case "double":
    case "bool":
    case "string":
    case "bytes":
      return translateLiteral(type, (value as Literal | undefined) ?? zeros[type.kind]);
    default:
      throw new NotTranslatable(type.kind);
  }
}

const zeros = { double: 0, bool: false, string: "", bytes: new Uint8Array() };

function nanosOf(value: OptionValue | undefined): bigint {
  if (!isOptionMessage(value)) return 0n;
  const [seconds, nanos] = [value.fields.get("seconds"), value.fields.get("nanos")];
  return (typeof seconds === "bigint" ? seconds : 0n) * 1_000_000_000n + BigInt(typeof nanos === "number" ? nanos : 0);
}
