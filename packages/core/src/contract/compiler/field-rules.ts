import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { fieldTypes } from "../violations/field-table.js";
import { kindNumbers } from "../violations/rule-numbers.js";
import { propertyName } from "./names.js";
import { isOptionMessage, type OptionMessage, optionFields } from "./options.js";
import type { ExpressionPlan, RulePlan, ValueType } from "./plan.js";
import type { ExpressionContext, ExpressionPlanner } from "./plan-expressions.js";
import { planStandardRules, type RefuseRule } from "./standard-rules.js";

/** `buf.validate.FieldRules`, of a field, or of the items, keys or values of one. */
export interface FieldRules {
  readonly required: boolean;
  readonly ignore: "unspecified" | "if_zero_value" | "always";
  readonly rules: readonly RulePlan[];
  readonly expressions: readonly ExpressionPlan[];
  /** The rules of the field's kind, for what is nested in them: `repeated.items`, `map.keys`. */
  readonly kindRules: OptionMessage | undefined;
}

const ignores = ["unspecified", "if_zero_value", undefined, "always"] as const;

/** What the rules are about. */
export interface RuleSubject {
  /** The kind of rules that may be set: `string`, `repeated`, …; undefined where none may. */
  readonly kind: string | undefined;
  readonly planner: ExpressionPlanner;
  readonly message: DescMessage;
  readonly field: DescField;
  readonly place: "field" | "items" | "keys" | "values";
  readonly sensitive: boolean;
  /** What they stand in is ignored, and so are they. */
  readonly off: boolean;
  readonly refuse: RefuseRule;
}

/** `ignoreByDefault`: which fields the rules do not hold for where `ignore` is not set. */
export function planFieldRules(option: OptionMessage | undefined, subject: RuleSubject, ignoreByDefault?: "if_zero_value"): FieldRules {
  const { kind, planner, refuse, off } = subject;
  const fields = optionFields(option);
  for (const number of option?.unknown ?? []) refuse(`extension ${number}`, "it is not known to the buf/validate/validate.proto that is imported");
  const ignore = fields.has("ignore") ? ignores[Number(fields.get("ignore"))] : (ignoreByDefault ?? "unspecified");
  if (ignore === undefined) refuse("ignore", `its value ${String(fields.get("ignore"))} is not known`);
  const required = fields.get("required") === true;
  const isOff = off || ignore === "always";
  const context = contextOf(subject, { required, isOff, isZeroIgnored: ignore === "if_zero_value" });
  let kindRules: OptionMessage | undefined;
  let rules: readonly RulePlan[] = [];
  const expressions = [...planner.planRules(option, context)];
  for (const [name, value] of fields) {
    if (name === "required" || name === "ignore" || name === "cel" || name === "cel_expression") continue;
    if (name !== kind) refuse(name, kind === undefined ? "no such rules hold for its type" : `the rules of its type are ${kind}`);
    else if (isOptionMessage(value)) {
      kindRules = value;
      rules = planStandardRules(name, value, refuse);
      const element = { fieldNumber: kindNumbers[name] ?? 0, fieldName: name, fieldType: fieldTypes.message };
      expressions.push(...planner.planPredefined(element, value, context));
    }
  }
  return { required, ignore: ignore ?? "unspecified", rules: isOff ? [] : rules, expressions, kindRules };
}

interface Conditions {
  readonly required: boolean;
  readonly isOff: boolean;
  readonly isZeroIgnored: boolean;
}

function contextOf(subject: RuleSubject, { required, isOff, isZeroIgnored }: Conditions): ExpressionContext {
  const { planner: _, kind: __, ...rest } = subject;
  const { field, place } = subject;
  const isAbsentTold = field.presence !== FeatureSet_FieldPresence.IMPLICIT;
  return {
    ...rest,
    property: propertyName(field),
    skipUnset: place === "field" && (isAbsentTold || required || isZeroIgnored),
    skipZero: place !== "field" && isZeroIgnored,
    off: isOff,
  };
}

/** The name of the rules for a single value of `type`; undefined where the standard has none, as for messages, which bring their own. */
export function ruleKindOf(type: ValueType): string | undefined {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "wrapper":
      return type.scalar.scalar;
    case "null_value":
      return "enum";
    case "message":
    case "empty":
    case "struct":
    case "value":
    case "list_value":
      return undefined;
    default:
      return type.kind;
  }
}

/** The rules of a list or map whose items have none of their own. */
export const collectionKind = (field: DescField): "repeated" | "map" | undefined =>
  field.fieldKind === "list" ? "repeated" : field.fieldKind === "map" ? "map" : undefined;
