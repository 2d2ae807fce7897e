import { sameBytes } from "./bytes.js";
import { EvaluationError } from "./evaluation-error.js";

/** Whether a field is there. */
export const isSet = (value: unknown): boolean => value !== undefined;

/** The value of a wrapper. */
export function unwrap<T>(value: T | null): T {
  if (value !== null) return value;
  throw new EvaluationError("the value is null");
}

/** A wrapper in the form of values; null where it is absent. */
export const convertNullable = <T, U>(value: T | undefined, convert: (value: T) => U): U | null => (value === undefined ? null : convert(value));

export const compareBools = (left: boolean, right: boolean): number => Number(left) - Number(right);

/** Equality by value. Integers are the same as numbers and as bigint; NaN equals nothing. */
export function equals(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left === "number" || typeof right === "number") return isSameInteger(left, right);
  if (typeof left !== "object" || typeof right !== "object" || left === null || right === null) return false;
  if (left instanceof Uint8Array) return right instanceof Uint8Array && sameBytes(left, right);
  if (Array.isArray(left)) {
    return Array.isArray(right) && left.length === right.length && left.every((item, index) => equals(item, right[index]));
  }
  const [one, other] = [asMap(left), asMap(right)];
  return one.size === other.size && [...one].every(([key, value]) => other.has(key) && equals(value, other.get(key)));
}

/** A number and a bigint; comparisons of the two are exact. */
function isSameInteger(left: unknown, right: unknown): boolean {
  if (typeof left === "bigint") return typeof right === "number" && left >= right && left <= right;
  return typeof left === "number" && typeof right === "bigint" && left >= right && left <= right;
}

const asMap = (value: object): ReadonlyMap<unknown, unknown> => (value instanceof Map ? value : new Map(Object.entries(value)));
