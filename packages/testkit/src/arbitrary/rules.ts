import type { RuleArgument, RulePlan } from "@org/bus-core";

/** What a number, a bigint or a time (in nanoseconds) is compared with. */
export type Comparable = number | bigint;

/** A part of the number line; what is absent has no end. */
export interface Range {
  readonly min?: Comparable;
  readonly minExcluded?: boolean;
  readonly max?: Comparable;
  readonly maxExcluded?: boolean;
}

/** The first argument of the rule that calls `check`, or another one; undefined without such a rule. */
export const argumentOf = (rules: readonly RulePlan[], check: string, index = 0): RuleArgument | undefined =>
  rules.find((rule) => rule.check === check)?.args[index];

export function numberOf(rules: readonly RulePlan[], check: string): number | undefined {
  const argument = argumentOf(rules, check);
  return typeof argument === "number" ? argument : undefined;
}

export function textOf(rules: readonly RulePlan[], check: string): string | undefined {
  const argument = argumentOf(rules, check);
  return typeof argument === "string" ? argument : undefined;
}

export function bytesOf(rules: readonly RulePlan[], check: string): Uint8Array | undefined {
  const argument = argumentOf(rules, check);
  return argument instanceof Uint8Array ? argument : undefined;
}

/** The values that rules leave: the one of `const`, or those of `in`; undefined where they leave all. */
export function allowedValues(rules: readonly RulePlan[]): readonly RuleArgument[] | undefined {
  for (const { check, args } of rules) {
    if (check === "equal") return args.slice(1, 2);
    if (check === "bytesEqual") return args.slice(0, 1);
    if (check === "oneOf" || check === "bytesOneOf") return itemsOf(args[check === "oneOf" ? 1 : 0]);
  }
  return undefined;
}

/** The values of `not_in`. */
export function refusedValues(rules: readonly RulePlan[]): readonly RuleArgument[] {
  return [...itemsOf(argumentOf(rules, "noneOf", 1)), ...itemsOf(argumentOf(rules, "bytesNoneOf"))];
}

/** The parts of the number line that bounds leave: one, or two where what lies between is refused. */
export function rangesOf(rules: readonly RulePlan[]): readonly Range[] {
  for (const { check, args } of rules) {
    const [, first, second] = args;
    switch (check) {
      case "greaterThan":
        return [{ ...comparable("min", first), minExcluded: true }];
      case "greaterOrEqual":
        return [comparable("min", first)];
      case "lessThan":
        return [{ ...comparable("max", first), maxExcluded: true }];
      case "lessOrEqual":
        return [comparable("max", first)];
      case "inRange":
        return [{ ...boundOf("min", first), ...boundOf("max", second) }];
      case "outsideRange":
        return [boundOf("min", first), boundOf("max", second)];
      default:
    }
  }
  return [{}];
}

const itemsOf = (argument: RuleArgument | undefined): readonly RuleArgument[] =>
  typeof argument === "object" && "kind" in argument && argument.kind === "list" ? argument.items : [];

const comparable = (end: "min" | "max", argument: RuleArgument | undefined): Range =>
  typeof argument === "number" || typeof argument === "bigint" ? { [end]: argument } : {};

function boundOf(end: "min" | "max", argument: RuleArgument | undefined): Range {
  if (typeof argument !== "object" || !("kind" in argument) || argument.kind !== "bound") return {};
  return { [end]: argument.value, [`${end}Excluded`]: !argument.inclusive };
}
