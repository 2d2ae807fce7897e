import type { CollectionRules, RuleArgument, RulePlan } from "@org/bus-core/compiler";

/** How a number among the arguments of a rule is written. */
type Format = (value: number | bigint) => string;

/**
 * The rules of a value in words, as an error would say them; `this` of an expression is the value.
 *
 * @param nameOf the name of a value of an enum, where the value is one
 */
export function ruleWords({ rules, expressions }: CollectionRules, nameOf: Format = String): readonly string[] {
  return [...rules.flatMap((rule) => wordsOf(rule, formatOf(rule) ?? nameOf)), ...expressionWords(expressions)];
}

/** Rules in CEL in their own words, or as they stand where they have none. */
export const expressionWords = (rules: readonly { readonly text: string; readonly source: string }[]): readonly string[] =>
  rules.map(({ text, source }) => (text === "" ? `must satisfy ${code(source)}` : text));

/** Times are compared in nanoseconds, and say how they are shown. */
function formatOf({ args }: RulePlan): Format | undefined {
  const names = args.map((argument) => (typeof argument === "object" && "kind" in argument && argument.kind === "function" ? argument.name : ""));
  if (names.includes("showTimestamp")) return (nanos) => new Date(Number(BigInt(nanos) / 1_000_000n)).toISOString().replace(".000Z", "Z");
  return names.includes("showDuration") ? (nanos) => `${Number(nanos) / 1e9} s` : undefined;
}

function wordsOf({ check, args }: RulePlan, format: Format): readonly string[] {
  const [first, second, third] = args;
  const show = (argument: RuleArgument | undefined): string => shown(argument, format);
  const lower = (bound: RuleArgument | undefined): string => `${isInclusive(bound) ? "at least" : "greater than"} ${show(bound)}`;
  const upper = (bound: RuleArgument | undefined): string => `${isInclusive(bound) ? "at most" : "less than"} ${show(bound)}`;
  const words = simple[check];
  if (words !== undefined) return [words(show(first))];
  switch (check) {
    case "equal":
      return [`must equal ${show(second)}`];
    case "oneOf":
      return [`must be one of ${show(second)}`];
    case "noneOf":
      return [`must not be one of ${show(second)}`];
    case "inRange":
      return [`must be ${lower(second)} and ${upper(third)}`];
    case "outsideRange":
      return [`must be ${lower(second)} or ${upper(third)}`];
    case "greaterThan":
      return [`must be greater than ${show(second)}`];
    case "greaterOrEqual":
      return [`must be at least ${show(second)}`];
    case "lessThan":
      return [`must be less than ${show(second)}`];
    case "lessOrEqual":
      return [`must be at most ${show(second)}`];
    case "stringPattern":
    case "bytesPattern":
      return [`must match ${code(String(second))}`];
    case "stringFormat":
    case "stringFormatOrEmpty":
    case "bytesFormat":
      return [`must be ${String(second)}`];
    default:
      return [];
  }
}

const plural = (count: string, unit: string, units = `${unit}s`): string => `${count} ${count === "1" ? unit : units}`;

/** Checks of which the first argument, if they have one, says all. */
const simple: Readonly<Record<string, (argument: string) => string>> = {
  stringLength: (count) => `must be ${plural(count, "character")}`,
  stringMinLength: (count) => `must be at least ${plural(count, "character")}`,
  stringMaxLength: (count) => `must be at most ${plural(count, "character")}`,
  stringBytes: (count) => `must be ${plural(count, "byte")}`,
  stringMinBytes: (count) => `must be at least ${plural(count, "byte")}`,
  stringMaxBytes: (count) => `must be at most ${plural(count, "byte")}`,
  stringPrefix: (text) => `must begin with ${text}`,
  stringSuffix: (text) => `must end with ${text}`,
  stringContains: (text) => `must contain ${text}`,
  stringNotContains: (text) => `must not contain ${text}`,
  bytesEqual: (bytes) => `must equal ${bytes}`,
  bytesLength: (count) => `must be ${plural(count, "byte")}`,
  bytesMinLength: (count) => `must be at least ${plural(count, "byte")}`,
  bytesMaxLength: (count) => `must be at most ${plural(count, "byte")}`,
  bytesPrefix: (bytes) => `must begin with ${bytes}`,
  bytesSuffix: (bytes) => `must end with ${bytes}`,
  bytesContains: (bytes) => `must contain ${bytes}`,
  bytesOneOf: (list) => `must be one of ${list}`,
  bytesNoneOf: (list) => `must not be one of ${list}`,
  maskEqual: (paths) => `must have exactly the paths ${paths}`,
  maskWithin: (paths) => `must have only paths of ${paths}`,
  maskWithout: (paths) => `must have no path of ${paths}`,
  minItems: (count) => `must have at least ${plural(count, "item")}`,
  maxItems: (count) => `must have at most ${plural(count, "item")}`,
  uniqueItems: () => "must have no item twice",
  minPairs: (count) => `must have at least ${plural(count, "entry", "entries")}`,
  maxPairs: (count) => `must have at most ${plural(count, "entry", "entries")}`,
  finite: () => "must be finite",
  definedOnly: () => "must be a declared value",
  beforeNow: () => "must be in the past",
  afterNow: () => "must be in the future",
  withinSpan: (span) => `must be within ${Number(span) / 1e9} s of now`,
};

const isInclusive = (argument: RuleArgument | undefined): boolean =>
  typeof argument === "object" && "kind" in argument && argument.kind === "bound" && argument.inclusive;

function shown(argument: RuleArgument | undefined, format: Format): string {
  if (typeof argument === "string") return JSON.stringify(argument);
  if (typeof argument === "number" || typeof argument === "bigint") return format(argument);
  if (typeof argument !== "object") return String(argument);
  if (argument instanceof Uint8Array) return `0x${Buffer.from(argument).toString("hex")}`;
  if (argument.kind === "list") return argument.items.map((item) => shown(item, format)).join(", ");
  return argument.kind === "bound" ? format(argument.value) : "";
}

/** Code in Markdown, also where it holds backticks. */
export const code = (text: string): string => (text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``);
