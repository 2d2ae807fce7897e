import * as runtime from "../../runtime.js";
import { closeExpression, closePattern } from "../cel/closures.js";
import { answer, attempt } from "../cel/runtime/index.js";
import type { ExpressionPlan, RuleArgument, RulePlan } from "../compiler/plan.js";
import type { Faults } from "../rules/faults.js";

/** Checks rules of a value that is of the right type. */
export type CheckRules = (faults: Faults, value: unknown) => void;

type RuleCheck = (faults: Faults, path: string, value: unknown, ...args: readonly unknown[]) => void;

/** The checks of `rules`, one after the other, for the value at `path`. */
export function compileRules(rules: readonly RulePlan[], path: string, isDeclared?: (value: unknown) => boolean): CheckRules {
  const checks = rules.map((rule) => compileRule(rule, path, isDeclared));
  const [first, second] = checks;
  if (first === undefined) return () => undefined;
  if (second === undefined) return first;
  return (faults, value) => {
    for (const check of checks) check(faults, value);
  };
}

/** The checks of rules in CEL, one after the other, for the value at `path`; undefined where there are none. */
export function compileExpressions(expressions: readonly ExpressionPlan[], path: string): CheckRules | undefined {
  if (expressions.length === 0) return undefined;
  const checks = expressions.map((plan): CheckRules => {
    const evaluate = closeExpression(plan.expression) as (self: unknown, now: () => bigint) => boolean | string;
    if (plan.fallible) return (faults, value) => attempt(faults, path, plan, () => evaluate(value, () => faults.now()));
    return (faults, value) =>
      answer(
        faults,
        path,
        plan,
        evaluate(value, () => faults.now()),
      );
  });
  return (faults, value) => {
    for (const check of checks) check(faults, value);
  };
}

/** Both checks, as far as they are there. */
export function both(first: CheckRules | undefined, second: CheckRules | undefined): CheckRules | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return (faults, value) => {
    first(faults, value);
    second(faults, value);
  };
}

function compileRule({ check, args }: RulePlan, path: string, isDeclared: ((value: unknown) => boolean) | undefined): CheckRules {
  const call = runtimeFunction(check) as RuleCheck;
  if (args.some((argument) => kindOf(argument) === "declared")) {
    // a rule of enums: whether the value is declared is all it needs to know
    return (faults, value) => call(faults, path, value, isDeclared?.(value) ?? true);
  }
  const values = args.map(argumentValue);
  return (faults, value) => call(faults, path, value, ...values);
}

const kindOf = (argument: RuleArgument): string | undefined => (typeof argument === "object" && "kind" in argument ? argument.kind : undefined);

function argumentValue(argument: RuleArgument): unknown {
  if (typeof argument !== "object" || argument instanceof Uint8Array) return argument;
  switch (argument.kind) {
    case "declared":
      throw new TypeError("only the value under check knows what is declared");
    case "function":
      return runtimeFunction(argument.name);
    case "bound":
      return { value: argument.value, inclusive: argument.inclusive };
    case "pattern":
    case "re2":
      return closePattern(argument);
    case "list":
      return argument.items.map(argumentValue);
  }
}

const functions: Readonly<Record<string, unknown>> = runtime;

/** A function of the runtime, by the name that printed code calls it by. */
export function runtimeFunction(name: string): unknown {
  const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
  if (typeof found !== "function") throw new TypeError(`the runtime has no function ${name}`);
  return found;
}
