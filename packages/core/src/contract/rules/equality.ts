import type { Faults } from "./faults.js";
import type { Comparable, Show } from "./numbers.js";

type Plain = Comparable | boolean | string;

export function equal<T extends Plain>(faults: Faults, path: string, value: T, rule: string, expected: T, show: Show = String): void {
  if (value !== expected) faults.add(path, rule, `must equal ${bound(expected, show)}`, actual(value, show));
}

export function oneOf<T extends Plain>(faults: Faults, path: string, value: T, rule: string, allowed: readonly T[], show: Show = String): void {
  if (!contains(allowed, value)) faults.add(path, rule, `must be one of ${bounds(allowed, show)}`, actual(value, show));
}

export function noneOf<T extends Plain>(faults: Faults, path: string, value: T, rule: string, refused: readonly T[], show: Show = String): void {
  if (contains(refused, value)) faults.add(path, rule, `must not be one of ${bounds(refused, show)}`, actual(value, show));
}

/** By `===`: NaN is in no list, and 0 equals -0. */
const contains = <T extends Plain>(values: readonly T[], value: T): boolean => values.indexOf(value) !== -1;

const isComparable = (value: Plain): value is Comparable => typeof value === "number" || typeof value === "bigint";

const bound = (value: Plain, show: Show): string => (isComparable(value) ? show(value) : JSON.stringify(value));

const bounds = (values: readonly Plain[], show: Show): string => values.map((value) => bound(value, show)).join(", ");

/** Texts of a message are not repeated in faults. */
const actual = (value: Plain, show: Show): string | undefined => (typeof value === "string" ? undefined : bound(value, show));
