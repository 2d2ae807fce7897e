import type { DescField } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence, FieldOptions_JSType } from "@bufbuild/protobuf/wkt";
import { collectionKind, type FieldRules, planFieldRules, ruleKindOf } from "./field-rules.js";
import { propertyName } from "./names.js";
import { isOptionMessage, type Options, type OptionValue } from "./options.js";
import type { FieldPlan, ShapePlan, ValuePlan, ValueType } from "./plan.js";
import type { Problems } from "./problems.js";
import { commentOf } from "./source-location.js";
import type { RefuseRule } from "./standard-rules.js";
import { enumType, type Int64Type, messageType, scalarType } from "./value-type.js";

/** Plans a field. `exclusive`: it stands in a oneof rule of its message. */
export function planField(field: DescField, options: Options, problems: Problems, exclusive: boolean): FieldPlan {
  const type = planType(field);
  const number = options.numberOf("buf.validate.field");
  const refuse: RefuseRule = (rule, reason) => problems.add(field, `${describe(field)}: rule ${rule}: ${reason}`, [8, number]);
  const kind = collectionKind(field) ?? ruleKindOf(type);
  const rules = planFieldRules(options.message(field, "buf.validate.field"), kind, refuse);
  return {
    kind: "field",
    property: propertyName(field),
    name: field.name,
    jsonName: field.jsonName,
    number: field.number,
    comment: commentOf(field),
    sensitive: options.flag(field, "org.bus.v1.sensitive"),
    shape: planShape(field, type, rules, refuse),
    presence: presenceOf(field),
    defaultValue: field.fieldKind === "scalar" || field.fieldKind === "enum" ? field.getDefaultValue() : undefined,
    delimited: isDelimited(field),
    required: rules.required && rules.ignore !== "always",
    ignoreZero: rules.ignore === "if_zero_value" || (exclusive && rules.ignore === "unspecified"),
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

const isDelimited = (field: DescField): boolean =>
  (field.fieldKind === "message" || (field.fieldKind === "list" && field.listKind === "message")) && field.delimitedEncoding;

const describe = (field: DescField): string => `field ${field.parent.typeName}.${field.name}`;

function planType(field: DescField): ValueType {
  if (field.enum !== undefined) return enumType(field.enum);
  if (field.message !== undefined) return messageType(field.message);
  return scalarType(field.scalar, int64TypeOf(field), field.utf8Validation);
}

function int64TypeOf(field: DescField): Int64Type {
  switch (field.proto.options?.jstype) {
    case FieldOptions_JSType.JS_STRING:
      return "string";
    case FieldOptions_JSType.JS_NUMBER:
      return "number";
    default:
      return "bigint";
  }
}

function planShape(field: DescField, type: ValueType, { rules, kindRules, ignore }: FieldRules, refuse: RefuseRule): ShapePlan {
  const off = ignore === "always";
  if (field.fieldKind === "list") {
    return { kind: "list", packed: field.packed, rules, item: planNested(type, "repeated.items", kindRules?.fields.get("items"), off, refuse) };
  }
  if (field.fieldKind === "map") {
    const keyType = scalarType(field.mapKey, "bigint", field.utf8Validation);
    return {
      kind: "map",
      rules,
      key: planNested(keyType, "map.keys", kindRules?.fields.get("keys"), off, refuse),
      value: planNested(type, "map.values", kindRules?.fields.get("values"), off, refuse),
    };
  }
  return { kind: "single", value: { type, rules, ignoreZero: false, structureOnly: off } };
}

/** The rules of items, keys or values. Where the whole field is ignored (`off`), so are they. */
function planNested(type: ValueType, where: string, option: OptionValue | undefined, off: boolean, refuse: RefuseRule): ValuePlan {
  const nested = isOptionMessage(option) ? option : undefined;
  const { rules, ignore, required } = planFieldRules(nested, ruleKindOf(type), (rule, reason) => refuse(`${where}.${rule}`, reason));
  if (required) refuse(`${where}.required`, "an item is always there");
  return { type, rules: off ? [] : rules, ignoreZero: ignore === "if_zero_value", structureOnly: off || ignore === "always" };
}
