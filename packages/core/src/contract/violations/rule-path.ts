import type { FieldPathElement } from "../../errors.js";
import { fieldTypes } from "./field-table.js";
import { kindNumbers, ruleNumbers, typeOfRule } from "./rule-numbers.js";

/** What a rule is about: the field itself, or an item, a key or a value in it. */
export type RulePlace = "field" | "items" | "keys" | "values";

const places: Readonly<Record<RulePlace, readonly FieldPathElement[]>> = {
  field: [],
  items: [rulesOf("repeated", 18), rulesOf("items", 4)],
  keys: [rulesOf("map", 19), rulesOf("keys", 4)],
  values: [rulesOf("map", 19), rulesOf("values", 5)],
};

function rulesOf(fieldName: string, fieldNumber: number): FieldPathElement {
  return { fieldNumber, fieldName, fieldType: fieldTypes.message };
}

/** A path into `buf.validate.FieldRules` for what is nested in a field. */
export const pathAt = (place: RulePlace, tail: readonly FieldPathElement[]): readonly FieldPathElement[] => [...places[place], ...tail];

/**
 * The path into `buf.validate.FieldRules` of a standard rule; `id` is `int32.gte_lt`, `string.email_empty`, `required`, … Empty for rules of
 * messages and oneofs, and for those that no `.proto` asks for (`type`, `range`, …).
 */
export function standardRulePath(id: string): readonly FieldPathElement[] {
  if (id === "required") return [{ fieldNumber: 25, fieldName: "required", fieldType: fieldTypes.bool }];
  const [kind = "", rest = ""] = id.split(".", 2);
  const kindNumber = kindNumbers[kind];
  const name = kindNumber === undefined ? undefined : ruleName(kind, rest);
  if (kindNumber === undefined || name === undefined) return [];
  const rule = { fieldNumber: ruleNumbers(kind)[name] ?? 0, fieldName: name, fieldType: typeOfRule(kind, name) };
  return [{ fieldNumber: kindNumber, fieldName: kind, fieldType: fieldTypes.message }, rule];
}

/** The field that asks for a rule: `gte` for `gte_lt_exclusive`, `email` for `email_empty`. */
function ruleName(kind: string, rest: string): string | undefined {
  const numbers = ruleNumbers(kind);
  if (rest in numbers) return rest;
  const shorter = rest.replace(/_exclusive$/, "").replace(/_(?:lte?|empty)$/, "");
  return shorter in numbers ? shorter : undefined;
}
