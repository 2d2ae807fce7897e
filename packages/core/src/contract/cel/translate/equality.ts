import { types } from "../check/type.js";
import type { Expression } from "../expression.js";
import { call, type Form, holdsMessages, materialize, NotTranslatable, type Translated, unwrap } from "./form.js";
import { unify } from "./unify-forms.js";

/** `left == right`, or `!=`. */
export function translateEquality(name: string, left: Translated, right: Translated): Translated {
  const isEqual = equality(left, right, name === "_==_");
  return { expression: isEqual, type: types.bool, form: { kind: "bool" }, fallible: left.fallible || right.fallible };
}

function equality(left: Translated, right: Translated, wanted: boolean): Expression {
  // a message that is absent stands for the empty one: none is null
  if (isNever(left.form, right.form) || isNever(right.form, left.form)) {
    if (left.fallible || right.fallible) throw new NotTranslatable("null beside what may fail");
    return { kind: "literal", value: !wanted };
  }
  const [one, other] = unify(left, right);
  if (holdsMessages(one.form)) throw new NotTranslatable("messages that are compared");
  if (isPlain(one.form)) return { kind: "operator", operator: wanted ? "===" : "!==", left: one.expression, right: other.expression };
  const equal = call("equals", one.expression, other.expression);
  return wanted ? equal : { kind: "not", value: equal };
}

/** `value in list`, or in the keys of a map. */
export function translateIn(value: Translated, range: Translated): Translated {
  const list = materialize(range);
  const as = (expression: Expression, fallible: boolean): Translated => ({ expression, type: types.bool, form: { kind: "bool" }, fallible });
  if (list.form.kind === "map") {
    // null is in a list or not, but is no key
    const key = unwrap(value);
    return as(call("hasKey", list.expression, keyOf(key, list.form.key)), key.fallible || range.fallible);
  }
  if (list.form.kind !== "list") throw new NotTranslatable("in");
  const { item } = list.form;
  if (holdsMessages(item)) throw new NotTranslatable("messages that are compared");
  const isSame = value.form.kind === item.kind && isPlain(item);
  return as(call(isSame ? "includes" : "includesEqual", list.expression, materialize(value).expression), value.fallible || range.fallible);
}

/** `map[key]` or `list[index]`: a key in the form of the map's. */
export function keyOf(key: Translated, form: Form): Expression {
  if (key.form.kind === "integer" && form.kind === "bigint") return call("toBigint", key.expression);
  if (key.form.kind === "bigint" && form.kind === "integer") return call("toDouble", key.expression);
  return key.expression;
}

const isNever = (left: Form, right: Form): boolean => left.kind === "null" && (right.kind === "message" || right.kind === "nanos");

/** Whether `===` tells equality. */
function isPlain(form: Form): boolean {
  if (form.kind === "nullable") return isPlain(form.of);
  return form.kind !== "bytes" && form.kind !== "list" && form.kind !== "map" && form.kind !== "message";
}
