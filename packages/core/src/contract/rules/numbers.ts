import type { Faults } from "./faults.js";

/** A number or bigint; `Timestamp` and `Duration` are compared as nanoseconds. Every comparison with NaN fails, and so breaks its rule. */
export type Comparable = number | bigint;

/** Writes a bound for people; the default is its decimal form. */
export type Show = (value: Comparable) => string;

const decimal: Show = String;

export function lessThan(faults: Faults, path: string, value: Comparable, rule: string, bound: Comparable, show: Show = decimal): void {
  if (!(value < bound)) faults.add(path, rule, `must be less than ${show(bound)}`, show(value));
}

export function lessOrEqual(faults: Faults, path: string, value: Comparable, rule: string, bound: Comparable, show: Show = decimal): void {
  if (!(value <= bound)) faults.add(path, rule, `must be less than or equal to ${show(bound)}`, show(value));
}

export function greaterThan(faults: Faults, path: string, value: Comparable, rule: string, bound: Comparable, show: Show = decimal): void {
  if (!(value > bound)) faults.add(path, rule, `must be greater than ${show(bound)}`, show(value));
}

export function greaterOrEqual(faults: Faults, path: string, value: Comparable, rule: string, bound: Comparable, show: Show = decimal): void {
  if (!(value >= bound)) faults.add(path, rule, `must be greater than or equal to ${show(bound)}`, show(value));
}

/** One end of a range. */
export interface Bound {
  readonly value: Comparable;
  readonly inclusive: boolean;
}

/** `lower` and `upper` both hold. */
export function inRange(faults: Faults, path: string, value: Comparable, rule: string, lower: Bound, upper: Bound, show: Show = decimal): void {
  if (isAbove(value, lower) && isBelow(value, upper)) return;
  faults.add(path, rule, `must be ${aboveText(lower, show)} and ${belowText(upper, show)}`, show(value));
}

/** `lower` lies above `upper`: one of them holds. */
export function outsideRange(faults: Faults, path: string, value: Comparable, rule: string, lower: Bound, upper: Bound, show: Show = decimal): void {
  if (isAbove(value, lower) || isBelow(value, upper)) return;
  faults.add(path, rule, `must be ${aboveText(lower, show)} or ${belowText(upper, show)}`, show(value));
}

export function finite(faults: Faults, path: string, value: number, rule: string): void {
  if (!Number.isFinite(value)) faults.add(path, rule, "must be finite", String(value));
}

const isAbove = (value: Comparable, bound: Bound): boolean => (bound.inclusive ? value >= bound.value : value > bound.value);

const isBelow = (value: Comparable, bound: Bound): boolean => (bound.inclusive ? value <= bound.value : value < bound.value);

const aboveText = (bound: Bound, show: Show): string => `greater than ${bound.inclusive ? "or equal to " : ""}${show(bound.value)}`;

const belowText = (bound: Bound, show: Show): string => `less than ${bound.inclusive ? "or equal to " : ""}${show(bound.value)}`;
