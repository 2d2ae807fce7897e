import { type FieldPathElement, messageOf } from "../../../errors.js";
import type { Faults } from "../../rules/faults.js";

/** A rule in CEL, as its faults tell of it. */
export interface ExpressionRule {
  readonly id: string;
  /** What the rule says when it is broken; empty: what the expression gives, or the expression itself. */
  readonly text: string;
  readonly source: string;
  /** From the rules of the value. */
  readonly path: readonly FieldPathElement[];
  /** What the expression gives, or why it fails, may tell the value of a sensitive field. */
  readonly concealed: boolean;
}

/** Notes that the expression of a rule is false. */
export function broken(faults: Faults, path: string, { id, text, source, path: rulePath }: ExpressionRule): void {
  faults.addRule(path, id, rulePath, text === "" ? `must satisfy ${source}` : text);
}

/** What the expression of a rule gives: a text that is not empty says what is wrong. */
export function answer(faults: Faults, path: string, rule: ExpressionRule, result: boolean | string): void {
  if (result === true || result === "") return;
  if (result === false || rule.text !== "" || rule.concealed) broken(faults, path, rule);
  else faults.addRule(path, rule.id, rule.path, result);
}

/** As `answer`, for an expression that may fail. What cannot be evaluated is not known to be right, so it is a fault too. */
export function attempt(faults: Faults, path: string, rule: ExpressionRule, evaluate: () => boolean | string): void {
  let result: boolean | string;
  try {
    result = evaluate();
  } catch (error) {
    unevaluable(faults, path, rule, error);
    return;
  }
  answer(faults, path, rule, result);
}

export function unevaluable(faults: Faults, path: string, { id, path: rulePath, concealed }: ExpressionRule, error: unknown): void {
  const reason = concealed ? "" : `: ${messageOf(error)}`;
  faults.addRule(path, "unevaluable", rulePath, `the rule ${id} could not be evaluated${reason}`);
}
