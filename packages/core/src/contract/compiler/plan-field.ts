import type { DescExtension, DescField } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { collectionKind, type FieldRules, planFieldRules, type RuleSubject, ruleKindOf } from "./field-rules.js";
import { propertyName } from "./names.js";
import { isOptionMessage, type Options, type OptionValue } from "./options.js";
import type { FieldPlan, ShapePlan, ValuePlan, ValueType } from "./plan.js";
import type { ExpressionPlanner } from "./plan-expressions.js";
import type { Problems } from "./problems.js";
import { sensitivePaths } from "./sensitive-fields.js";
import { commentOf } from "./source-location.js";
import type { RefuseRule } from "./standard-rules.js";
import { enumType, int64TypeOf, messageType, scalarType } from "./value-type.js";

/** What fields of one message are planned with. */
export interface FieldContext {
  readonly options: Options;
  readonly problems: Problems;
  readonly planner: ExpressionPlanner;
}

/** Plans a field. `exclusive`: it stands in a oneof rule of its message. */
export function planField(field: DescField, { options, problems, planner }: FieldContext, exclusive: boolean): FieldPlan {
  const type = planType(field);
  const number = options.numberOf("buf.validate.field");
  const refuse: RefuseRule = (rule, reason) => problems.add(field, `${describe(field)}: rule ${rule}: ${reason}`, [8, number]);
  const kind = collectionKind(field) ?? ruleKindOf(type);
  const sensitive = options.flag(field, "org.bus.v1.sensitive");
  const isTelling = sensitive || (field.message !== undefined && sensitivePaths(field.message, options).length > 0);
  const subject: RuleSubject = { kind, planner, message: field.parent, field, place: "field", sensitive: isTelling, off: false, refuse };
  const ignoreZero = exclusive ? "if_zero_value" : undefined;
  const rules = planFieldRules(options.message(field, "buf.validate.field"), subject, ignoreZero);
  return {
    kind: "field",
    property: propertyName(field),
    name: field.name,
    jsonName: field.jsonName,
    number: field.number,
    comment: commentOf(field),
    sensitive,
    shape: planShape(type, rules, subject),
    presence: presenceOf(field),
    defaultValue: field.fieldKind === "scalar" || field.fieldKind === "enum" ? field.getDefaultValue() : undefined,
    delimited: isDelimited(field),
    required: rules.required && rules.ignore !== "always",
    ignoreZero: rules.ignore === "if_zero_value",
  };
}

function presenceOf({ presence }: DescField): FieldPlan["presence"] {
  switch (presence) {
    case FeatureSet_FieldPresence.IMPLICIT:
      return "implicit";
    case FeatureSet_FieldPresence.LEGACY_REQUIRED:
      return "required";
    case FeatureSet_FieldPresence.EXPLICIT:
      return "explicit";
  }
}

export const isDelimited = (field: DescField | DescExtension): boolean =>
  (field.fieldKind === "message" || (field.fieldKind === "list" && field.listKind === "message")) && field.delimitedEncoding;

const describe = (field: DescField): string => `field ${field.parent.typeName}.${field.name}`;

export function planType(field: DescField | DescExtension): ValueType {
  if (field.enum !== undefined) return enumType(field.enum);
  if (field.message !== undefined) return messageType(field.message);
  return scalarType(field.scalar, int64TypeOf(field), field.utf8Validation);
}

function planShape(type: ValueType, { rules, expressions, kindRules, ignore }: FieldRules, subject: RuleSubject): ShapePlan {
  const off = ignore === "always";
  const { field } = subject;
  const nested = (of: ValueType, place: RuleSubject["place"], option: string): ValuePlan =>
    planNested(of, kindRules?.fields.get(option), { ...subject, kind: ruleKindOf(of), place, off });
  if (kindRules?.fields.get("unique") === true && !isComparable(type)) {
    subject.refuse("repeated.unique", "the standard compares scalars and enums only, not messages (say in a rule in CEL what must differ)");
  }
  if (field.fieldKind === "list") return { kind: "list", packed: field.packed, rules, expressions, item: nested(type, "items", "items") };
  if (field.fieldKind === "map") {
    const keyType = scalarType(field.mapKey, "bigint", field.utf8Validation);
    return { kind: "map", rules, expressions, key: nested(keyType, "keys", "keys"), value: nested(type, "values", "values") };
  }
  return { kind: "single", value: { type, rules, expressions, ignoreZero: false, structureOnly: off } };
}

/** Whether values are plain ones, which can be found equal. */
const isComparable = ({ kind }: ValueType): boolean => kind === "scalar" || kind === "wrapper" || kind === "enum" || kind === "null_value";

/** The rules of items, keys or values. */
function planNested(type: ValueType, option: OptionValue | undefined, subject: RuleSubject): ValuePlan {
  const { off, place } = subject;
  const where = place === "items" ? "repeated.items" : `map.${place}`;
  const refuse: RefuseRule = (rule, reason) => subject.refuse(`${where}.${rule}`, reason);
  // `required` asks for nothing here: an item is always there
  const { ignore, rules, expressions } = planFieldRules(isOptionMessage(option) ? option : undefined, { ...subject, refuse });
  return {
    type,
    rules,
    expressions,
    ignoreZero: ignore === "if_zero_value",
    structureOnly: off || ignore === "always",
  };
}
