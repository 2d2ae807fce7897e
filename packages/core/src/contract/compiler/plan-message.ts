import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import { propertyName, typeReference } from "./names.js";
import { type OptionMessage, type Options, optionFields } from "./options.js";
import type { EnumPlan, ExclusivePlan, FieldPlan, MemberPlan, MessagePlan } from "./plan.js";
import { ExpressionPlanner } from "./plan-expressions.js";
import { planField } from "./plan-field.js";
import { planTopic } from "./plan-topic.js";
import type { Problems } from "./problems.js";
import { sensitivePaths } from "./sensitive-fields.js";
import { commentOf, enumValueComment } from "./source-location.js";

export function planEnum(desc: DescEnum): EnumPlan {
  return {
    ...typeReference(desc),
    comment: commentOf(desc),
    open: desc.open,
    values: desc.values.map(({ localName, name, number }, index) => ({ property: localName, name, number, comment: enumValueComment(desc, index) })),
  };
}

export function planMessage(desc: DescMessage, options: Options, problems: Problems): MessagePlan {
  const rules = options.message(desc, "buf.validate.message");
  refuseUnknown(desc, rules, options, problems);
  const planner = new ExpressionPlanner(options);
  const context = { options, problems, planner };
  const exclusiveNames = exclusiveRules(rules);
  const inRule = new Set(exclusiveNames.flatMap(({ names }) => names));
  const fields = new Map<DescField, FieldPlan>();
  for (const field of desc.fields) fields.set(field, planField(field, context, inRule.has(field.name)));
  const members = desc.members.map((member) => (member.kind === "oneof" ? planOneof(member, fields, options, problems) : fields.get(member)));
  refuseSameProperties(desc, problems);
  const { topic, key } = planTopic(desc, options, problems);
  const sensitiveFields = sensitivePaths(desc, options);
  const expressions = planner.planRules(rules, {
    place: "message",
    message: desc,
    field: undefined,
    property: "",
    skipUnset: false,
    skipZero: false,
    sensitive: sensitiveFields.length > 0,
    off: false,
    refuse: (rule, reason) => problems.add(desc, `message ${desc.typeName}: rule ${rule}: ${reason}`, [7, options.numberOf("buf.validate.message")]),
  });
  return {
    ...typeReference(desc),
    comment: commentOf(desc),
    members: members.filter((member): member is MemberPlan => member !== undefined),
    topic,
    key,
    sensitiveFields,
    exclusive: exclusiveNames.flatMap((rule) => planExclusive(desc, rule, fields, options, problems)),
    expressions,
    evaluated: planner.evaluated,
    descriptors: undefined,
  };
}

function planOneof(desc: DescOneof, fields: ReadonlyMap<DescField, FieldPlan>, options: Options, problems: Problems): MemberPlan {
  const rules = options.message(desc, "buf.validate.oneof");
  for (const name of rules?.fields.keys() ?? []) {
    if (name !== "required") problems.add(desc, `oneof ${desc.parent.typeName}.${desc.name}: rule ${name}: this rule is not known`);
  }
  return {
    kind: "oneof",
    property: propertyName(desc),
    name: desc.name,
    comment: commentOf(desc),
    required: rules?.fields.get("required") === true,
    fields: desc.fields.flatMap((field) => fields.get(field) ?? []),
  };
}

interface ExclusiveRule {
  readonly names: readonly string[];
  readonly required: boolean;
}

function exclusiveRules(rules: OptionMessage | undefined): readonly ExclusiveRule[] {
  const oneofs = optionFields(rules).get("oneof");
  return (Array.isArray(oneofs) ? oneofs : []).map((rule: OptionMessage) => ({
    names: (rule.fields.get("fields") as readonly string[] | undefined) ?? [],
    required: rule.fields.get("required") === true,
  }));
}

function planExclusive(
  desc: DescMessage,
  { names, required }: ExclusiveRule,
  fields: ReadonlyMap<DescField, FieldPlan>,
  options: Options,
  problems: Problems,
): readonly ExclusivePlan[] {
  const option = [7, options.numberOf("buf.validate.message")];
  const report = (reason: string): readonly ExclusivePlan[] => {
    problems.add(desc, `message ${desc.typeName}: rule oneof: ${reason}`, option);
    return [];
  };
  if (names.length === 0) return report("it names no field");
  const plans: FieldPlan[] = [];
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index) return report(`it names ${name} twice`);
    const field = desc.fields.find((candidate) => candidate.name === name);
    if (field === undefined) return report(`there is no field ${name}`);
    const plan = fields.get(field);
    if (plan !== undefined) plans.push(plan);
  }
  return [{ names: plans.map(({ property }) => property), fields: plans, required }];
}

function refuseUnknown(desc: DescMessage, rules: OptionMessage | undefined, options: Options, problems: Problems): void {
  const option = [7, options.numberOf("buf.validate.message")];
  for (const name of optionFields(rules).keys()) {
    if (name === "oneof" || name === "cel" || name === "cel_expression") continue;
    problems.add(desc, `message ${desc.typeName}: rule ${name}: this rule is not known`, option);
  }
  for (const number of rules?.unknown ?? []) problems.add(desc, `message ${desc.typeName}: rule ${number}: this rule is not known`, option);
}

function refuseSameProperties(desc: DescMessage, problems: Problems): void {
  const seen = new Map<string, string>();
  for (const member of desc.members) {
    const property = propertyName(member);
    const other = seen.get(property);
    if (other !== undefined)
      problems.add(member, `${desc.typeName}: ${other} and ${member.name} are both called ${property} in TypeScript; rename one`);
    seen.set(property, member.name);
  }
}
