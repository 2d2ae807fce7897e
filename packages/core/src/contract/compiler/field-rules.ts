import type { DescField } from "@bufbuild/protobuf";
import { isOptionMessage, type OptionMessage, optionFields } from "./options.js";
import type { RulePlan, ValueType } from "./plan.js";
import { planStandardRules, type RefuseRule } from "./standard-rules.js";

/** `buf.validate.FieldRules`, of a field, or of the items, keys or values of one. */
export interface FieldRules {
  readonly required: boolean;
  readonly ignore: "unspecified" | "if_zero_value" | "always";
  readonly rules: readonly RulePlan[];
  /** The rules of the field's kind, for what is nested in them: `repeated.items`, `map.keys`. */
  readonly kindRules: OptionMessage | undefined;
}

const ignores = ["unspecified", "if_zero_value", undefined, "always"] as const;

/** `kind` is the one of the rules that may be set: `string`, `repeated`, …; undefined where none may. */
export function planFieldRules(option: OptionMessage | undefined, kind: string | undefined, refuse: RefuseRule): FieldRules {
  const fields = optionFields(option);
  for (const number of option?.unknown ?? []) refuse(`extension ${number}`, "it is not known to the buf/validate/validate.proto that is imported");
  const ignore = ignores[Number(fields.get("ignore") ?? 0)];
  if (ignore === undefined) refuse("ignore", `its value ${String(fields.get("ignore"))} is not known`);
  let kindRules: OptionMessage | undefined;
  let rules: readonly RulePlan[] = [];
  for (const [name, value] of fields) {
    if (name === "required" || name === "ignore") continue;
    if (name === "cel" || name === "cel_expression") refuse(name, "expressions are not supported yet");
    else if (name !== kind) refuse(name, kind === undefined ? "no such rules hold for its type" : `the rules of its type are ${kind}`);
    else if (isOptionMessage(value)) {
      kindRules = value;
      rules = planStandardRules(name, value, refuse);
    }
  }
  return { required: fields.get("required") === true, ignore: ignore ?? "unspecified", rules: ignore === "always" ? [] : rules, kindRules };
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
