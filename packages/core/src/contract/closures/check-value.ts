import type { ValuePlan, ValueType } from "../compiler/plan.js";
import { checkOf } from "../compiler/printer/scalars.js";
import { wellKnownCheck } from "../compiler/printer/well-known.js";
import { isKeptEnumValue, isKeptNullValue, refuseUndeclared } from "../rules/enums.js";
import type { Faults } from "../rules/faults.js";
import { canNest } from "../rules/structure.js";
import type { AnyInit } from "../wire/any.js";
import { toNanos } from "../wire/timestamp.js";
import type { Links } from "./links.js";
import { both, type CheckRules, compileExpressions, compileRules, runtimeFunction } from "./rules.js";
import { isNotZeroValue } from "./scalars.js";

/** Whether the type of a value in `message` holds; notes the fault where it does not. */
type Guard = (faults: Faults, value: unknown, message: object) => boolean;

/** A check of the runtime for a type alone. */
type Holds = (faults: Faults, path: string, value: unknown) => boolean;

export type CheckValue = (faults: Faults, value: unknown, message: object) => void;

/** A value to check: its path, and the message and field it is in. */
export interface CheckedValue {
  readonly plan: ValuePlan;
  /** Relative to the message, or `""` for an item, whose path the caller puts in front. */
  readonly path: string;
  readonly typeName: string;
  readonly fieldNumber: number;
  readonly links: Links;
}

/** Checks the type and the rules of a value. `body` turns the check of the rules into what is done where the type holds. */
export function compileCheckedValue(
  checked: CheckedValue,
  body: (rules: CheckRules | undefined) => CheckRules | undefined = (rules) => rules,
): CheckValue {
  const guard = compileGuard(checked);
  const check = body(conditionalRules(checked));
  if (check === undefined) return guard;
  return (faults, value, message) => {
    if (guard(faults, value, message)) check(faults, value);
  };
}

function conditionalRules(checked: CheckedValue): CheckRules | undefined {
  const { plan, path } = checked;
  const type = plan.type.kind === "wrapper" ? plan.type.scalar : plan.type;
  const check = both(comparedRules(checked, type), compileExpressions(plan.expressions, path));
  return plan.ignoreZero && check !== undefined ? unlessZero(type, check) : check;
}

function comparedRules({ plan, path, links }: CheckedValue, type: ValueType): CheckRules | undefined {
  if (plan.rules.length === 0) return undefined;
  const check = compileRules(plan.rules, path, type.kind === "enum" ? links.isDeclared(type.enum) : (value) => value === null);
  const compared = comparedForm(type);
  return compared === undefined ? check : (faults, value) => check(faults, compared(value));
}

/** `check`, for values other than the zero value. */
export function unlessZero(type: ValueType, check: CheckRules): CheckRules {
  const isNotZero = isNotZeroValue(type);
  return (faults, value) => {
    if (isNotZero(value)) check(faults, value);
  };
}

function compileGuard({ plan: { type, rules }, path, typeName, fieldNumber, links }: CheckedValue): Guard {
  switch (type.kind) {
    case "scalar": {
      const holds = runtimeFunction(checkOf(type)) as Holds;
      return (faults, value) => holds(faults, path, value);
    }
    case "wrapper": {
      const holds = runtimeFunction(checkOf(type.scalar)) as Holds;
      return (faults, value) => canNest(faults, path) && holds(faults, path, value);
    }
    case "enum": {
      const isDeclared = links.isDeclared(type.enum);
      if (!type.open) return (faults, value) => isDeclared(value) || refuseUndeclared(faults, path, value);
      return (faults, value, message) => isDeclared(value) || isKeptEnumValue(faults, path, value, message, typeName, fieldNumber);
    }
    case "null_value":
      return (faults, value, message) => value === null || isKeptNullValue(faults, path, value, message, typeName, fieldNumber);
    case "message":
      throw new TypeError("messages have a check of their own");
    default: {
      const holds = runtimeFunction(wellKnownCheck(type.kind, rules)) as Holds;
      return (faults, value) => holds(faults, path, value);
    }
  }
}

/** The form in which rules see a value: what arrives, and what bounds are given in. Undefined where it is the value itself. */
function comparedForm(type: ValueType): ((value: unknown) => unknown) | undefined {
  if (type.kind === "timestamp" || type.kind === "duration") return (value) => toNanos(value as Date);
  if (type.kind === "null_value") return (value) => value ?? 0;
  if (type.kind === "any") return (value) => (value as AnyInit).typeUrl ?? "";
  if (type.kind !== "scalar") return undefined;
  if (type.scalar === "float") return (value) => Math.fround(value as number);
  return type.scalar.endsWith("64") && type.type !== "bigint" ? (value) => BigInt(value as number) : undefined;
}
