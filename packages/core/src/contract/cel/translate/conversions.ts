import type { Node } from "../check/parse.js";
import type { Expression } from "../expression.js";
import { foldDuration, foldTimestamp } from "./constants.js";
import { call, type Form, integerForm, type Translated, toBigint } from "./form.js";

type Conversion = Pick<Translated, "expression" | "form" | "fallible">;

const as = (expression: Expression, form: Form, fallible = false): Conversion => ({ expression, form, fallible });

/** `int(x)` and so on, as far as all implementations agree; undefined where they do not. */
export function translateConversion(name: string, value: Translated, node: Node): Conversion | undefined {
  const { expression, form, type } = value;
  if (name === type.kind) return as(expression, form);
  switch (name) {
    case "int":
      return toInt(value);
    case "uint":
      return toUint(value);
    case "double":
      return isInteger(form) ? as(call("toDouble", expression), { kind: "double" }) : undefined;
    case "string":
      if (form.kind === "bytes") return as(call("decodeUtf8", expression), { kind: "string" }, true);
      return isInteger(form) || form.kind === "bool" ? as(call("showPlain", expression), { kind: "string" }) : undefined;
    case "bytes":
      return form.kind === "string" ? as(call("encodeUtf8", expression), { kind: "bytes" }) : undefined;
    case "timestamp":
      return type.kind === "string" ? { ...foldTimestamp(value, node), fallible: false } : undefined;
    case "duration":
      return type.kind === "string" ? { ...foldDuration(value, node), fallible: false } : undefined;
    default:
      return undefined;
  }
}

const isInteger = ({ kind }: Form): boolean => kind === "integer" || kind === "bigint";

function toInt({ expression, form, type }: Translated): Conversion | undefined {
  switch (type.kind) {
    case "timestamp":
      return as(call("secondsOf", expression), integerForm(-62135596800, 253402300799));
    case "double":
      return as(call("doubleToInt", expression), { kind: "bigint" }, true);
    case "uint":
      return form.kind === "integer" ? as(expression, form) : as(call("uintToInt", expression), form, true);
    default:
      return undefined;
  }
}

function toUint(value: Translated): Conversion | undefined {
  const { expression, form, type } = value;
  if (type.kind === "double") return as(call("doubleToUint", expression), { kind: "bigint" }, true);
  if (type.kind !== "int") return undefined;
  if (form.kind === "integer" && form.min >= 0) return as(expression, form);
  return as(call("intToUint", toBigint(value)), { kind: "bigint" }, true);
}
