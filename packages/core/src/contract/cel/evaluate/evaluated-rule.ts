import type { ExpressionRule } from "../runtime/rule.js";

/** A rule in CEL that is evaluated as it stands, on the bytes of its message. */
export interface EvaluatedRule extends ExpressionRule {
  /** What `this` is: the message, or a field of it, or the items, keys or values of one. */
  readonly place: "message" | "field" | "items" | "keys" | "values";
  /** The number of the field; 0 where `this` is the message. */
  readonly field: number;
  /** What the field is called in TypeScript. */
  readonly property: string;
  /** The rule does not hold for a field that is not set. */
  readonly skipUnset: boolean;
  /** The rule does not hold for items, keys or values that are the zero value. */
  readonly skipZero: boolean;
  /** Of a predefined rule: what `rules` and `rule` are. */
  readonly predefined: PredefinedValues | undefined;
}

export interface PredefinedValues {
  /** `buf.validate.Int32Rules`. */
  readonly rulesType: string;
  readonly rules: Uint8Array;
  /** The number of the extension that asks for the rule. */
  readonly extension: number;
}
