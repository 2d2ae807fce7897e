/*
 * An expression in CEL, type-checked, in the form that back ends make code of: plain data. What CEL means beyond JavaScript is in the functions
 * that it calls (`runtime/`); operators are those of JavaScript, and stand only where they mean the same. A message is an object as it may be
 * published, or undefined where it is absent: then it stands for the empty one.
 */

/** The type of a scalar in JavaScript. Timestamps and durations are bigint: nanoseconds. */
export type ScalarType = "number" | "bigint" | "boolean" | "string" | "bytes";

export type Expression =
  | { readonly kind: "literal"; readonly value: Literal }
  /** `this`, or the variable of a macro. `type` is undefined where it is no scalar. */
  | { readonly kind: "variable"; readonly name: string; readonly type: ScalarType | undefined }
  /** The time of the check, the same for all rules of a message. */
  | { readonly kind: "now" }
  /** A field as it is found; undefined where it is absent. */
  | { readonly kind: "property"; readonly message: Expression; readonly property: string; readonly oneof: string | undefined }
  /** `value`, or `otherwise` where it is undefined. `type` is undefined where it is no scalar. */
  | { readonly kind: "default"; readonly value: Expression; readonly otherwise: Expression; readonly type: ScalarType | undefined }
  | { readonly kind: "is_set"; readonly value: Expression }
  /** A function of the runtime. */
  | { readonly kind: "call"; readonly function: string; readonly args: readonly Expression[] }
  /** A function of the runtime that is an argument of another one. */
  | { readonly kind: "function"; readonly name: string }
  | { readonly kind: "operator"; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly value: Expression }
  | { readonly kind: "negative"; readonly value: Expression }
  /** `absorbs`: the left side may fail, and the right one decides then if it can. */
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression; readonly absorbs: boolean }
  | { readonly kind: "conditional"; readonly condition: Expression; readonly yes: Expression; readonly no: Expression }
  /** A macro over a list: `test` (or `result`) for each item. `absorbs`: `test` may fail for an item that does not decide. */
  | {
      readonly kind: "loop";
      readonly macro: "all" | "exists" | "exists_one" | "filter" | "map";
      readonly list: Expression;
      readonly variable: string;
      readonly body: Expression;
      readonly absorbs: boolean;
    }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | PatternPlan;

/** A pattern of RE2: as a RegExp, or as it stands where JavaScript cannot express it, which is where RE2 itself is needed. `re2` is how it was written. */
export type PatternPlan =
  | { readonly kind: "pattern"; readonly source: string; readonly flags: string; readonly re2: string }
  | { readonly kind: "re2"; readonly source: string };

export type Literal = number | bigint | boolean | string | Uint8Array | null;

export type Operator = "===" | "!==" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "%";
