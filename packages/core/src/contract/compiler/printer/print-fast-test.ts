import type { EnumType, RulePlan, ScalarType, ValuePlan } from "../plan.js";
import { printExpression } from "./print-expression.js";
import { type FileScope, scalarLiteral } from "./scope.js";

/**
 * An expression that is true only where nothing is wrong with a value: neither its type nor one of its rules. It is printed around the calls that find
 * out and tell what is wrong, so that a value without faults costs none of them. Undefined where there is no such expression.
 */
export function printFastTest({ type, rules, expressions }: ValuePlan, name: string, scope: FileScope): string | undefined {
  const context = { name, scope };
  const tests = type.kind === "enum" ? testEnum(type, rules, context) : type.kind === "scalar" ? testScalar(type, rules, context) : undefined;
  if (tests === undefined || expressions.some(({ fallible, result }) => fallible || result !== "bool")) return undefined;
  return [...tests, ...expressions.map(({ expression }) => printExpression(expression, { scope, self: name }))].join(" && ");
}

interface Context {
  readonly name: string;
  readonly scope: FileScope;
}

type Tests = readonly string[] | undefined;

/** All of them, or nothing where one is missing. */
function all(first: readonly string[], rules: readonly RulePlan[], test: (rule: RulePlan) => Tests): Tests {
  const tests = rules.map(test);
  return tests.includes(undefined) ? undefined : [...first, ...tests.flatMap((found) => found ?? [])];
}

function testEnum({ kind, ...type }: EnumType, rules: readonly RulePlan[], { name, scope }: Context): Tests {
  if (kind !== "enum" || !("enum" in type)) return undefined;
  return all([`${scope.refer(type.enum, "is")}(${name})`], rules, ({ check, args }) => {
    if (check === "definedOnly") return [];
    if (check === "equal") return [`(${name} as number) === ${String(args[1])}`];
    const numbers = itemsOf(args[1]);
    return check === "noneOf" && numbers !== undefined ? numbers.map((number) => `(${name} as number) !== ${number}`) : undefined;
  });
}

function testScalar(type: ScalarType, rules: readonly RulePlan[], context: Context): Tests {
  const { name } = context;
  switch (type.scalar) {
    case "string":
      return testText(rules, context);
    case "bool":
      return all([`typeof ${name} === "boolean"`], rules, ({ check, args }) => (check === "equal" ? [`${name} === ${String(args[1])}`] : undefined));
    case "bytes":
      return all([`${name} instanceof Uint8Array`], rules, () => undefined);
    case "float":
      return undefined;
    case "double":
      return all([`typeof ${name} === "number"`], rules, (rule) => testNumber(rule, context));
    default:
      return testInteger(type, rules, context);
  }
}

const integerTests: Readonly<Record<string, (name: string) => string>> = {
  int32: (name) => `(${name} | 0) === ${name}`,
  sint32: (name) => `(${name} | 0) === ${name}`,
  sfixed32: (name) => `(${name} | 0) === ${name}`,
  uint32: (name) => `${name} >>> 0 === ${name}`,
  fixed32: (name) => `${name} >>> 0 === ${name}`,
};

function testInteger({ scalar, type }: ScalarType, rules: readonly RulePlan[], context: Context): Tests {
  const { name } = context;
  const test = integerTests[scalar];
  if (test !== undefined) return all([`typeof ${name} === "number"`, test(name)], rules, (rule) => testNumber(rule, context));
  if (type !== "bigint") return undefined;
  const [min, max] =
    scalar === "uint64" || scalar === "fixed64" ? ["0n", "18446744073709551615n"] : ["-9223372036854775808n", "9223372036854775807n"];
  const tests = all([], rules, (rule) => testNumber(rule, context));
  if (tests === undefined) return undefined;
  // a bound of a rule makes that of the type needless
  const bounded = (operator: string, bound: string): string[] =>
    tests.some((one) => one.startsWith(`${name} ${operator}`)) ? [] : [`${name} ${operator}= ${bound}`];
  return [`typeof ${name} === "bigint"`, ...bounded(">", min), ...bounded("<", max), ...tests];
}

const comparisons: Readonly<Record<string, string>> = { greaterThan: ">", greaterOrEqual: ">=", lessThan: "<", lessOrEqual: "<=" };

function testNumber({ check, args }: RulePlan, { name }: Context): Tests {
  const [, first, second] = args;
  const operator = comparisons[check];
  if (operator !== undefined && isNumber(first)) return [`${name} ${operator} ${scalarLiteral(first)}`];
  if (check === "inRange" && isBound(first) && isBound(second)) {
    return [
      `${name} ${first.inclusive ? ">=" : ">"} ${scalarLiteral(first.value)}`,
      `${name} ${second.inclusive ? "<=" : "<"} ${scalarLiteral(second.value)}`,
    ];
  }
  if (check === "equal" && isNumber(first)) return [`${name} === ${scalarLiteral(first)}`];
  return check === "finite" ? [`Number.isFinite(${name})`] : undefined;
}

type Argument = RulePlan["args"][number] | undefined;

const isNumber = (argument: Argument): argument is number | bigint => typeof argument === "number" || typeof argument === "bigint";

const isBound = (argument: Argument): argument is Extract<Argument, { kind: "bound" }> =>
  typeof argument === "object" && "kind" in argument && argument.kind === "bound";

function itemsOf(argument: Argument): readonly string[] | undefined {
  if (typeof argument !== "object" || !("kind" in argument) || argument.kind !== "list") return undefined;
  return argument.items.every(isNumber) ? argument.items.map(scalarLiteral) : undefined;
}

/** Formats of ASCII: text that has one has an encoding. */
const asciiFormats: ReadonlySet<string> = new Set(
  "isEmail isHostname isIpv4 isUri isUriRef isUuid isTuuid isUlid isProtobufFqn isProtobufDotFqn isIpv4WithPrefixLength isIpv4Prefix".split(" "),
);

function testText(rules: readonly RulePlan[], context: Context): Tests {
  const tests = all([], rules, (rule) => testTextRule(rule, context));
  if (tests === undefined) return undefined;
  const isAscii = rules.some(({ check, args }) => check === "stringFormat" && asciiFormats.has(functionOf(args[2])));
  return [`typeof ${context.name} === "string"`, ...(isAscii ? [] : [`runtime.isWellFormed(${context.name})`]), ...tests];
}

const functionOf = (argument: Argument): string =>
  typeof argument === "object" && "kind" in argument && argument.kind === "function" ? argument.name : "";

function testTextRule({ check, args }: RulePlan, { name, scope }: Context): Tests {
  const [first, second, third] = args;
  switch (check) {
    case "stringMinLength":
      return [Number(first) <= 1 ? `${name}.length >= ${String(first)}` : `runtime.cel.sizeOfString(${name}) >= ${String(first)}`];
    case "stringMaxLength":
      // no text has more characters than units; what has more units is looked at closer
      return [`${name}.length <= ${String(first)}`];
    case "stringLength":
      return [`runtime.cel.sizeOfString(${name}) === ${String(first)}`];
    case "stringPattern":
      return first === undefined ? undefined : [`${scope.argument(first)}.test(${name})`];
    case "stringFormat":
      return third === undefined ? undefined : [`runtime.${functionOf(third)}(${name})`];
    case "equal":
      return typeof second === "string" ? [`${name} === ${scalarLiteral(second)}`] : undefined;
    default:
      return undefined;
  }
}
