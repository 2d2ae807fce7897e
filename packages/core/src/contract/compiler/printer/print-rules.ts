import type { RulePlan, ValuePlan, ValueType } from "../plan.js";
import { printExpressions } from "./print-expression.js";
import { checkOf, isNotZero } from "./scalars.js";
import type { FileScope } from "./scope.js";
import { quote, type Source } from "./source.js";
import { wellKnownCheck } from "./well-known.js";

/** A value to check: how it is called in the code, its path, and the message it is in. */
export interface CheckedValue {
  readonly scope: FileScope;
  readonly plan: ValuePlan;
  /** The variable. */
  readonly name: string;
  /** Relative to the message, or `""` for an item, whose path the caller puts in front. */
  readonly path: string;
  readonly typeName: string;
  readonly fieldNumber: number;
}

/**
 * Statements that check the type and the rules of a value. `body` turns the statements of the rules into what stands where the type holds.
 */
export function printCheckedValue(
  checked: CheckedValue,
  body: (rules: readonly Source[]) => readonly Source[] = (rules) => rules,
): readonly Source[] {
  const { plan, name } = checked;
  const type = plan.type.kind === "wrapper" ? plan.type.scalar : plan.type;
  const { scope, path } = checked;
  const rules = [...(plan.rules.length === 0 ? [] : printRules(checked, type)), ...printExpressions(plan.expressions, path, { scope, self: name })];
  const conditional = plan.ignoreZero && rules.length > 0 ? [`if (${isNotZeroValue(type, name)}) {`, rules, "}"] : rules;
  const statements = body(conditional);
  const guard = printGuard(checked);
  return statements.length === 0 ? [`${guard};`] : [`if (${guard}) {`, statements, "}"];
}

/** Calls of the checks of `rules`, for `value`, an expression. */
export function printRuleCalls(rules: readonly RulePlan[], path: string, value: string, scope: FileScope, declared = "true"): readonly Source[] {
  return rules.map(({ check, args }) => {
    const printed = args.map((argument) =>
      typeof argument === "object" && "kind" in argument && argument.kind === "declared" ? declared : scope.argument(argument),
    );
    return `runtime.${check}(${["faults", quote(path), value, ...printed].join(", ")});`;
  });
}

/** An expression that is true of a value, of the right type, that is not the zero value. */
export function isNotZeroValue(type: ValueType, value: string): string {
  if (type.kind === "scalar") return isNotZero(type.scalar === "double" || type.scalar === "float" ? { ...type, scalar: "int32" } : type, value);
  if (type.kind === "null_value") return `${value} !== null`;
  return type.kind === "enum" ? `${value} !== ${type.zero}` : "true";
}

/** An expression that is true where the type holds, and notes the fault where it does not. */
function printGuard({ plan: { type, rules }, name, path, scope, typeName, fieldNumber }: CheckedValue): string {
  const at = `faults, ${quote(path)}, ${name}`;
  switch (type.kind) {
    case "scalar":
      return `runtime.${checkOf(type)}(${at})`;
    case "wrapper":
      return `runtime.canNest(faults, ${quote(path)}) && runtime.${checkOf(type.scalar)}(${at})`;
    case "enum": {
      const otherwise = type.open ? `isKeptEnumValue(${at}, message, ${quote(typeName)}, ${fieldNumber})` : `refuseUndeclared(${at})`;
      return `${scope.refer(type.enum, "is")}(${name}) || runtime.${otherwise}`;
    }
    case "null_value":
      return `${name} === null || runtime.isKeptNullValue(${at}, message, ${quote(typeName)}, ${fieldNumber})`;
    case "message":
      throw new TypeError("messages have a check of their own");
    default:
      return `runtime.${wellKnownCheck(type.kind, rules)}(${at})`;
  }
}

function printRules({ plan, name, path, scope }: CheckedValue, type: ValueType): readonly Source[] {
  const declared = type.kind === "enum" ? `${scope.refer(type.enum, "is")}(${name})` : `${name} === null`;
  const compared = comparedForm(type, name);
  if (compared === name || plan.rules.length === 1) return printRuleCalls(plan.rules, path, compared, scope, declared);
  return [`const compared = ${compared};`, ...printRuleCalls(plan.rules, path, "compared", scope, declared)];
}

/** The form in which rules see a value: what arrives, and what bounds are given in. */
function comparedForm(type: ValueType, name: string): string {
  if (type.kind === "timestamp" || type.kind === "duration") return `runtime.toNanos(${name})`;
  if (type.kind === "null_value") return `${name} ?? 0`;
  if (type.kind === "any") return `${name}.typeUrl ?? ""`;
  if (type.kind !== "scalar") return name;
  if (type.scalar === "float") return `Math.fround(${name})`;
  return type.scalar.endsWith("64") && type.type !== "bigint" ? `BigInt(${name})` : name;
}
