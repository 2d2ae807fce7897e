import { isOptionMessage, type OptionMessage, type OptionValue } from "./options.js";
import type { RuleArgument, RulePlan } from "./plan.js";
import { PatternError, planPattern } from "./plan-pattern.js";
import { stringFormats } from "./string-formats.js";

/** Tells of a rule that cannot be compiled. `rule` is its id: `string.pattern`. */
export type RefuseRule = (rule: string, reason: string) => void;

/** The checks for the rules of a kind (`string`, `int32`, `repeated`, …), in the order in which the standard reports them. */
export function planStandardRules(kind: string, rules: OptionMessage, refuse: RefuseRule): readonly RulePlan[] {
  const { fields } = rules;
  for (const number of rules.unknown) refuse(`${kind} (extension ${number})`, "none of the files declares this extension of the rules");
  // examples ask for nothing; `strict` says how well_known_regex is meant
  const handled = new Set(["example", "strict"]);
  const plans: RulePlan[] = [];
  for (const [name, value] of fields) {
    if (handled.has(name)) continue;
    handled.add(name);
    const plan = planRule(kind, name, value, fields, handled, refuse);
    if (plan === undefined) refuse(`${kind}.${name}`, name === "well_known_regex" ? "it names no format" : "this rule is not known");
    else plans.push(...plan);
  }
  return plans;
}

function planRule(
  kind: string,
  name: string,
  value: OptionValue,
  fields: OptionMessage["fields"],
  handled: Set<string>,
  refuse: RefuseRule,
): readonly RulePlan[] | undefined {
  if (kind === "string" || kind === "bytes") return planTextRule(kind, name, value, fields, refuse);
  if (kind === "repeated" || kind === "map") return planCollectionRule(kind, name, value);
  if (name === "lt" || name === "lte" || name === "gt" || name === "gte") {
    for (const bound of ["lt", "lte", "gt", "gte"]) handled.add(bound);
    return planRange(kind, fields);
  }
  if (kind === "field_mask") return planMaskRule(name, value);
  const rule = `${kind}.${name}`;
  switch (name) {
    case "const":
      return [{ check: "equal", args: [rule, typeof value === "boolean" ? value : comparable(value), ...show(kind)] }];
    case "in":
      return [{ check: "oneOf", args: [rule, list(value), ...show(kind)] }];
    case "not_in":
      return [{ check: "noneOf", args: [rule, list(value), ...show(kind)] }];
    case "finite":
      return value === true ? [{ check: "finite", args: [rule] }] : [];
    case "defined_only":
      return value === true ? [{ check: "definedOnly", args: [{ kind: "declared" }] }] : [];
    case "lt_now":
      return value === true ? [{ check: "beforeNow", args: [] }] : [];
    case "gt_now":
      return value === true ? [{ check: "afterNow", args: [] }] : [];
    case "within":
      return [{ check: "withinSpan", args: [comparable(value)] }];
    default:
      return undefined;
  }
}

const textChecks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  string: {
    len: "stringLength",
    min_len: "stringMinLength",
    max_len: "stringMaxLength",
    len_bytes: "stringBytes",
    min_bytes: "stringMinBytes",
    max_bytes: "stringMaxBytes",
    prefix: "stringPrefix",
    suffix: "stringSuffix",
    contains: "stringContains",
    not_contains: "stringNotContains",
  },
  bytes: {
    const: "bytesEqual",
    len: "bytesLength",
    min_len: "bytesMinLength",
    max_len: "bytesMaxLength",
    prefix: "bytesPrefix",
    suffix: "bytesSuffix",
    contains: "bytesContains",
    in: "bytesOneOf",
    not_in: "bytesNoneOf",
  },
};

const bytesFormats: Readonly<Record<string, { readonly name: string; readonly lengths: readonly number[] }>> = {
  ip: { name: "an IP address (4 or 16 bytes)", lengths: [4, 16] },
  ipv4: { name: "an IPv4 address (4 bytes)", lengths: [4] },
  ipv6: { name: "an IPv6 address (16 bytes)", lengths: [16] },
  uuid: { name: "a UUID (16 bytes)", lengths: [16] },
};

function planTextRule(
  kind: "string" | "bytes",
  name: string,
  value: OptionValue,
  fields: OptionMessage["fields"],
  refuse: RefuseRule,
): readonly RulePlan[] | undefined {
  const rule = `${kind}.${name}`;
  if (name === "pattern") return planPatternRule(kind, String(value), refuse);
  const check = textChecks[kind]?.[name];
  if (check !== undefined) return [{ check, args: [Array.isArray(value) ? list(value) : count(value)] }];
  if (kind === "string") {
    if (name === "const") return [{ check: "equal", args: [rule, String(value)] }];
    if (name === "in") return [{ check: "oneOf", args: [rule, list(value)] }];
    if (name === "not_in") return [{ check: "noneOf", args: [rule, list(value)] }];
    return stringFormats(name, value, fields.get("strict") !== false);
  }
  const format = bytesFormats[name];
  if (format === undefined) return undefined;
  return value === true ? [{ check: "bytesFormat", args: [rule, format.name, { kind: "list", items: format.lengths }] }] : [];
}

function planPatternRule(kind: "string" | "bytes", pattern: string, refuse: RefuseRule): readonly RulePlan[] {
  try {
    return [{ check: `${kind}Pattern`, args: [planPattern(pattern), pattern] }];
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    refuse(`${kind}.pattern`, `the pattern ${pattern} is none of RE2: ${error.message}`);
    return [];
  }
}

function planCollectionRule(kind: "repeated" | "map", name: string, value: OptionValue): readonly RulePlan[] | undefined {
  switch (`${kind}.${name}`) {
    case "repeated.min_items":
      return [{ check: "minItems", args: [count(value)] }];
    case "repeated.max_items":
      return [{ check: "maxItems", args: [count(value)] }];
    case "repeated.unique":
      return value === true ? [{ check: "uniqueItems", args: [] }] : [];
    case "map.min_pairs":
      return [{ check: "minPairs", args: [count(value)] }];
    case "map.max_pairs":
      return [{ check: "maxPairs", args: [count(value)] }];
    case "repeated.items":
    case "map.keys":
    case "map.values":
      // planned with the values they are about
      return [];
    default:
      return undefined;
  }
}

/** One or two bounds make one check, named after both. An upper bound below the lower one means what lies outside of them. */
function planRange(kind: string, fields: OptionMessage["fields"]): readonly RulePlan[] {
  const [lowerName, upperName] = [fields.has("gt") ? "gt" : "gte", fields.has("lt") ? "lt" : "lte"];
  const [lower, upper] = [fields.get(lowerName), fields.get(upperName)];
  const single = { gt: "greaterThan", gte: "greaterOrEqual", lt: "lessThan", lte: "lessOrEqual" };
  if (lower === undefined || upper === undefined) {
    const [name, bound] = lower === undefined ? ([upperName, upper] as const) : ([lowerName, lower] as const);
    return [{ check: single[name as keyof typeof single], args: [`${kind}.${name}`, comparable(bound ?? 0), ...show(kind)] }];
  }
  const [lowest, highest] = [comparable(lower), comparable(upper)];
  const isInside = highest >= lowest;
  const bounds: readonly RuleArgument[] = [
    { kind: "bound", value: lowest, inclusive: lowerName === "gte" },
    { kind: "bound", value: highest, inclusive: upperName === "lte" },
  ];
  const rule = `${kind}.${lowerName}_${upperName}${isInside ? "" : "_exclusive"}`;
  return [{ check: isInside ? "inRange" : "outsideRange", args: [rule, ...bounds, ...show(kind)] }];
}

/** Times are compared, and given, in nanoseconds. */
function comparable(value: OptionValue): number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (!isOptionMessage(value)) return 0;
  const [seconds, nanos] = [value.fields.get("seconds"), value.fields.get("nanos")];
  return (typeof seconds === "bigint" ? seconds : 0n) * 1_000_000_000n + BigInt(typeof nanos === "number" ? nanos : 0);
}

const show = (kind: string): readonly RuleArgument[] => {
  if (kind === "timestamp") return [{ kind: "function", name: "showTimestamp" }];
  return kind === "duration" ? [{ kind: "function", name: "showDuration" }] : [];
};

const list = (value: OptionValue): RuleArgument => ({
  kind: "list",
  items: Array.isArray(value) ? value.map((item) => (isOptionMessage(item) ? comparable(item) : item)) : [],
});

const maskChecks: Readonly<Record<string, string>> = { const: "maskEqual", in: "maskWithin", not_in: "maskWithout" };

function planMaskRule(name: string, value: OptionValue): readonly RulePlan[] | undefined {
  const check = maskChecks[name];
  const paths = isOptionMessage(value) ? value.fields.get("paths") : value;
  return check === undefined ? undefined : [{ check, args: [list(paths ?? [])] }];
}

/** Lengths are uint64 in the rules; no message has more than 2^53 of anything. */
const count = (value: OptionValue): RuleArgument => (typeof value === "bigint" ? Number(value) : (value as RuleArgument));
