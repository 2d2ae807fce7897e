import type { EnumPlan, FieldPlan, FilePlan, MessagePlan, ValuePlan, ValueType } from "@org/bus-core/compiler";
import { code, expressionWords, ruleWords } from "./rule-words.js";

/** The types of a run, by their full names. */
export interface Types {
  readonly messages: ReadonlyMap<string, MessagePlan>;
  readonly enums: ReadonlyMap<string, EnumPlan>;
}

export function typesOf(plans: readonly FilePlan[]): Types {
  return {
    messages: new Map(plans.flatMap(({ messages }) => messages).map((message) => [message.typeName, message])),
    enums: new Map(plans.flatMap(({ enums }) => enums).map((plan) => [plan.typeName, plan])),
  };
}

/** The tables of a message and of all types in it, each once. */
export function messageSections(message: MessagePlan, types: Types): readonly string[] {
  const lines: string[] = [];
  const seen = new Set<string>();
  const open: (MessagePlan | EnumPlan)[] = [message];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    if (seen.has(next.typeName)) continue;
    seen.add(next.typeName);
    if ("values" in next) lines.push(...enumSection(next));
    else {
      lines.push(...messageSection(next, types, next === message));
      open.push(...fieldsOf(next).flatMap((field) => referredBy(field, types)));
    }
  }
  return lines;
}

function messageSection(message: MessagePlan, types: Types, isTop: boolean): readonly string[] {
  const rows = message.members.flatMap((member) => {
    const evaluated = (field: FieldPlan) => message.evaluated.filter((rule) => rule.field === field.number);
    if (member.kind === "field") return [fieldRow(member, presenceWords(member), types, evaluated(member))];
    const one = `one of ${code(member.name)}${member.required ? ", one is required" : ""}`;
    return member.fields.map((field) => fieldRow(field, field.required ? `${one}, this one` : one, types, evaluated(field)));
  });
  const whole = [
    ...message.exclusive.map(({ names, required }) => `${required ? "exactly one" : "at most one"} of ${names.map(code).join(", ")} may be set`),
    ...ruleWords({ rules: [], expressions: message.expressions }),
    ...expressionWords(message.evaluated.filter(({ place }) => place === "message")),
  ];
  return [
    ...(isTop ? ["## Fields", ""] : [`### ${message.typeName}`, "", ...(message.comment === "" ? [] : [message.comment, ""])]),
    ...(rows.length === 0 ? ["It has no fields."] : ["| field | type | presence | rules | meaning |", "|---|---|---|---|---|", ...rows]),
    ...(whole.length === 0 ? [] : ["", `Of the whole message: ${whole.join("; ")}.`]),
    "",
  ];
}

const enumSection = ({ typeName, comment, values }: EnumPlan): readonly string[] => [
  `### ${typeName}`,
  "",
  ...(comment === "" ? [] : [comment, ""]),
  "| value | number | meaning |",
  "|---|---|---|",
  ...values.map((value) => `| ${code(value.name)} | ${value.number} | ${cell(value.comment)} |`),
  "",
];

function fieldRow(field: FieldPlan, presence: string, types: Types, evaluated: MessagePlan["evaluated"]): string {
  const notes = field.sensitive ? `${presence}, **sensitive**` : presence;
  return `| ${code(field.name)} | ${cell(typeWords(field))} | ${notes} | ${cell([...rulesOf(field, types), ...evaluatedWords(evaluated)].join("; "))} | ${cell(field.comment)} |`;
}

function presenceWords({ shape, presence, required }: FieldPlan): string {
  if (required || presence === "required") return "required";
  if (shape.kind !== "single") return "may be empty";
  return presence === "explicit" ? "optional" : "zero where left out";
}

function typeWords({ shape }: FieldPlan): string {
  switch (shape.kind) {
    case "single":
      return typeName(shape.value.type);
    case "list":
      return `list of ${typeName(shape.item.type)}`;
    case "map":
      return `map of ${typeName(shape.key.type)} to ${typeName(shape.value.type)}`;
  }
}

function typeName(type: ValueType): string {
  switch (type.kind) {
    case "scalar":
      return code(type.scalar);
    case "wrapper":
      return `${code(type.scalar.scalar)}, or none`;
    case "enum":
      return code(type.enum.typeName);
    case "message":
      return code(type.message.typeName);
    default:
      return code(type.kind);
  }
}

function rulesOf({ shape, ignoreZero }: FieldPlan, { enums }: Types): readonly string[] {
  const wordsOf = (value: ValuePlan): readonly string[] => {
    const declared = value.type.kind === "enum" ? enums.get(value.type.enum.typeName)?.values : undefined;
    return ruleWords(value, (number) => declared?.find((one) => one.number === Number(number))?.name ?? String(number));
  };
  const each = (what: string, value: ValuePlan): readonly string[] => wordsOf(value).map((words) => `${what} ${words}`);
  const rules =
    shape.kind === "single"
      ? wordsOf(shape.value)
      : shape.kind === "list"
        ? [...ruleWords(shape), ...each("each", shape.item)]
        : [...ruleWords(shape), ...each("each key", shape.key), ...each("each value", shape.value)];
  return ignoreZero && rules.length > 0 ? [...rules, "all of this only where it is not zero"] : rules;
}

const subjects = { message: "", field: "", items: "each ", keys: "each key ", values: "each value " };

const evaluatedWords = (rules: MessagePlan["evaluated"]): readonly string[] =>
  rules.flatMap((rule) => expressionWords([rule]).map((words) => `${subjects[rule.place]}${words}`));

const fieldsOf = ({ members }: MessagePlan): readonly FieldPlan[] =>
  members.flatMap((member) => (member.kind === "field" ? [member] : member.fields));

function referredBy({ shape }: FieldPlan, { messages, enums }: Types): readonly (MessagePlan | EnumPlan)[] {
  const { type } = shape.kind === "list" ? shape.item : shape.value;
  const found = type.kind === "message" ? messages.get(type.message.typeName) : type.kind === "enum" ? enums.get(type.enum.typeName) : undefined;
  return found === undefined ? [] : [found];
}

/** Text in a cell of a table: on one line, and with no end of the cell in it. */
export const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\n\n+/g, "<br>").replaceAll("\n", " ");
