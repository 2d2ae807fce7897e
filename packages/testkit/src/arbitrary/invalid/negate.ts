import type { RuleArgument, RulePlan } from "@org/bus-core";

type Bound = Extract<RuleArgument, { readonly kind: "bound" }>;

/**
 * Rules whose values break `rule`, as near as possible: for "at least 3 characters" those of "at most 2". Empty where other values than those that
 * the remaining rules leave are not needed, or not known, to break it.
 */
export function negate({ check, args }: RulePlan): readonly RulePlan[] {
  const [first, second, third] = args;
  const rule = (name: string, ...values: readonly RuleArgument[]): RulePlan => ({ check: name, args: values });
  const compared = (name: string, value: RuleArgument | undefined): RulePlan => rule(name, "", value ?? 0);
  const count = Number(first);
  switch (check) {
    case "equal":
      return [rule("noneOf", "", { kind: "list", items: [second ?? 0] })];
    case "oneOf":
      return [rule("noneOf", "", second ?? 0)];
    case "noneOf":
      return [rule("oneOf", "", second ?? 0)];
    case "bytesNoneOf":
      return [rule("bytesOneOf", first ?? 0)];
    case "greaterThan":
      return [compared("lessOrEqual", second)];
    case "greaterOrEqual":
      return [compared("lessThan", second)];
    case "lessThan":
      return [compared("greaterOrEqual", second)];
    case "lessOrEqual":
      return [compared("greaterThan", second)];
    case "inRange":
      return [...beyond("less", second), ...beyond("greater", third)];
    case "outsideRange":
      return isBound(second) && isBound(third) ? [rule("inRange", "", opposite(third), opposite(second))] : [];
    case "finite":
      // no rule of the standard, but the generator of numbers knows it
      return [rule("notFinite")];
    case "beforeNow":
      return [rule("afterNow")];
    case "afterNow":
      return [rule("beforeNow")];
    case "stringNotContains":
      return [rule("stringContains", first ?? "")];
    case "minItems":
    case "minPairs":
    case "stringMinLength":
    case "stringMinBytes":
    case "bytesMinLength":
      return count < 1 ? [] : [rule(check.replace("min", "max").replace("Min", "Max"), count - 1)];
    case "maxItems":
    case "maxPairs":
    case "stringMaxLength":
    case "stringMaxBytes":
    case "bytesMaxLength":
      return [rule(check.replace("max", "min").replace("Max", "Min"), count + 1)];
    case "stringLength":
    case "stringBytes":
    case "bytesLength":
      return [rule(check, count + 1), ...(count < 1 ? [] : [rule(check, count - 1)])];
    default:
      return [];
  }
}

/** What lies outside of one end of a range. */
function beyond(side: "less" | "greater", bound: RuleArgument | undefined): readonly RulePlan[] {
  if (!isBound(bound)) return [];
  return [{ check: `${side}${bound.inclusive ? "Than" : "OrEqual"}`, args: ["", bound.value] }];
}

const isBound = (argument: RuleArgument | undefined): argument is Bound =>
  typeof argument === "object" && "kind" in argument && argument.kind === "bound";

const opposite = ({ kind, value, inclusive }: Bound): Bound => ({ kind, value, inclusive: !inclusive });
