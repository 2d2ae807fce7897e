import { type Form, integerForm, materialize, NotTranslatable, type Translated, toBigint } from "./form.js";

/** Both values in one form, so that one may stand where the other does. */
export function unify(left: Translated, right: Translated): readonly [Translated, Translated] {
  const [one, other] = [materialize(left), materialize(right)];
  if (isSameForm(one.form, other.form)) return [one, other];
  if (isInteger(one.form) && isInteger(other.form)) return [asBigint(one), asBigint(other)];
  if (one.form.kind === "nullable" || other.form.kind === "nullable") return [asNullable(one, other.form), asNullable(other, one.form)];
  throw new NotTranslatable(`${one.form.kind} and ${other.form.kind}`);
}

/** All values in one form. */
export function unifyAll(values: readonly Translated[]): readonly Translated[] {
  const first = values[0];
  if (first === undefined || values.every(({ form }) => isSameForm(form, first.form))) return values;
  if (values.every(({ form }) => isInteger(form))) return values.map(asBigint);
  throw new NotTranslatable("a list of several kinds");
}

const isInteger = ({ kind }: Form): boolean => kind === "integer" || kind === "bigint";

const asBigint = (value: Translated): Translated => ({ ...value, expression: toBigint(value), form: { kind: "bigint" } });

/** A value that may be null, of the kind of `like`. */
function asNullable(value: Translated, like: Form): Translated {
  const wanted = like.kind === "nullable" ? like.of : like;
  const inner = value.form.kind === "nullable" ? value.form.of : value.form;
  if (inner.kind === "null") return { ...value, form: { kind: "nullable", of: wanted } };
  if (isSameForm(inner, wanted) || wanted.kind === "null") return { ...value, form: { kind: "nullable", of: inner } };
  if (wanted.kind === "bigint" && value.form.kind === "integer") return { ...asBigint(value), form: { kind: "nullable", of: wanted } };
  throw new NotTranslatable(`${inner.kind} and ${wanted.kind}, or null`);
}

/** Whether values of both forms are the same in JavaScript; bounds of integers aside. */
export function isSameForm(left: Form, right: Form): boolean {
  if (left.kind === "list" && right.kind === "list") return isSameForm(left.item, right.item) && left.convert === right.convert;
  if (left.kind === "map" && right.kind === "map")
    return isSameForm(left.key, right.key) && isSameForm(left.value, right.value) && left.convert === right.convert;
  if (left.kind === "nullable" && right.kind === "nullable") return isSameForm(left.of, right.of);
  return left.kind === right.kind;
}

/** The form of what is of either one: of integers the bounds of both. */
export function widest(left: Form, right: Form): Form {
  if (left.kind === "integer" && right.kind === "integer") return integerForm(Math.min(left.min, right.min), Math.max(left.max, right.max));
  if (left.kind === "list" && right.kind === "list") return { ...left, item: widest(left.item, right.item) };
  if (left.kind === "map" && right.kind === "map") return { ...left, key: widest(left.key, right.key), value: widest(left.value, right.value) };
  if (left.kind === "nullable" && right.kind === "nullable") return { kind: "nullable", of: widest(left.of, right.of) };
  return left.kind === "null" ? right : left;
}

/** The form of what is one of `values`. */
export function widestOf(values: readonly Translated[]): Form {
  const [first, ...rest] = values.map(({ form }) => form);
  return first === undefined ? { kind: "null" } : rest.reduce(widest, first);
}
