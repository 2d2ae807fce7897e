import type { DescMessage } from "@bufbuild/protobuf";
import type { Type } from "../check/type.js";
import type { Expression, ScalarType } from "../expression.js";

/** What the value of an expression is in JavaScript. */
export type Form =
  /** An int or uint that is a safe integer, within bounds that are known. */
  | { readonly kind: "integer"; readonly min: number; readonly max: number }
  /** An int or uint. */
  | { readonly kind: "bigint" }
  | { readonly kind: "double" | "bool" | "string" | "bytes" | "null" }
  /** A timestamp or duration: nanoseconds. */
  | { readonly kind: "nanos" }
  /** A wrapper: null where it is absent. */
  | { readonly kind: "nullable"; readonly of: Form }
  /** `convert` is the function of the runtime that makes an item of what is in the array, where that is not the same. */
  | { readonly kind: "list"; readonly item: Form; readonly convert: string | undefined }
  /** A `Map`, or where keys are strings also an object. */
  | { readonly kind: "map"; readonly key: Form; readonly value: Form; readonly convert: string | undefined }
  | { readonly kind: "message"; readonly desc: DescMessage };

/** An expression that is translated. */
export interface Translated {
  readonly expression: Expression;
  readonly type: Type;
  readonly form: Form;
  /** Whether evaluating it may fail: a division by zero, an index that is not there. */
  readonly fallible: boolean;
}

/** Why an expression, although its types fit, has no translation: it is evaluated as it stands. */
export class NotTranslatable extends Error {
  override readonly name = "NotTranslatable";
}

export const int32 = { kind: "integer", min: -(2 ** 31), max: 2 ** 31 - 1 } as const;
export const uint32 = { kind: "integer", min: 0, max: 2 ** 32 - 1 } as const;
export const safeInt = { kind: "integer", min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER } as const;
export const safeUint = { kind: "integer", min: 0, max: Number.MAX_SAFE_INTEGER } as const;

/** The form of an integer, a bigint where bounds go beyond what a number holds. */
export function integerForm(min: number, max: number): Form {
  return Number.isSafeInteger(min) && Number.isSafeInteger(max) ? { kind: "integer", min, max } : { kind: "bigint" };
}

/** The type in JavaScript, where it is one of a scalar. */
export function scalarTypeOf(form: Form): ScalarType | undefined {
  switch (form.kind) {
    case "integer":
    case "double":
      return "number";
    case "bigint":
    case "nanos":
      return "bigint";
    case "bool":
      return "boolean";
    case "string":
    case "bytes":
      return form.kind;
    default:
      return undefined;
  }
}

/** A call of the runtime. */
export const call = (name: string, ...args: readonly Expression[]): Expression => ({ kind: "call", function: name, args });

/** The value as a bigint. */
export function toBigint({ expression, form }: Translated): Expression {
  if (form.kind !== "integer") return expression;
  if (expression.kind === "literal" && typeof expression.value === "number") return { kind: "literal", value: BigInt(expression.value) };
  return call("toBigint", expression);
}

/** The value of a wrapper, which fails where it is null; others as they are. */
export function unwrap(value: Translated): Translated {
  const type = value.type.kind === "wrapper" ? value.type.of : value.type;
  if (value.form.kind !== "nullable") return { ...value, type };
  return { expression: call("unwrap", value.expression), type, form: value.form.of, fallible: true };
}

/** A list or map with its items in the form of values; others as they are. */
export function materialize(value: Translated): Translated {
  const { form } = value;
  if ((form.kind !== "list" && form.kind !== "map") || form.convert === undefined) return value;
  const name = form.kind === "list" ? "convertItems" : "convertValues";
  return { ...value, expression: call(name, value.expression, { kind: "function", name: form.convert }), form: { ...form, convert: undefined } };
}

/** Whether messages are in it, whose equality JavaScript does not know. */
export function holdsMessages(form: Form): boolean {
  switch (form.kind) {
    case "message":
      return true;
    case "nullable":
      return holdsMessages(form.of);
    case "list":
      return holdsMessages(form.item);
    case "map":
      return holdsMessages(form.value);
    default:
      return false;
  }
}
