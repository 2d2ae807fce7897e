import { EvaluationError } from "./evaluation-error.js";

/* Integers are 64-bit, signed or not; what leaves the range has no value. Those that are known to be small are numbers. */

export const toBigint = (value: number | bigint | string): bigint => BigInt(value);

/** A sum with 0, so that there is no minus zero: integers have none. */
export const toDouble = (value: number | bigint): number => Number(value) + 0;

export const addInt = (left: bigint, right: bigint): bigint => inInt(left + right);
export const subtractInt = (left: bigint, right: bigint): bigint => inInt(left - right);
export const multiplyInt = (left: bigint, right: bigint): bigint => inInt(left * right);
export const negateInt = (value: bigint): bigint => inInt(-value);
export const divideInt = (left: bigint, right: bigint): bigint => inInt(left / nonZero(right));
export const moduloInt = (left: bigint, right: bigint): bigint => left % nonZero(right);

export const addUint = (left: bigint, right: bigint): bigint => inUint(left + right);
export const subtractUint = (left: bigint, right: bigint): bigint => inUint(left - right);
export const multiplyUint = (left: bigint, right: bigint): bigint => inUint(left * right);
export const divideUint = (left: bigint, right: bigint): bigint => left / nonZero(right);
export const moduloUint = (left: bigint, right: bigint): bigint => left % nonZero(right);

/** The whole part of a quotient; exact, as a division of numbers that was rounded up would not be. */
export const quotient = (left: number, right: number): number => (left - (left % right)) / right;
export const divideNumber = (left: number, right: number): number => quotient(left, nonZero(right));
export const moduloNumber = (left: number, right: number): number => left % nonZero(right);

export const uintToInt = (value: bigint): bigint => inInt(value);
export const intToUint = (value: bigint): bigint => inUint(value);

const limit = 2 ** 63;

/** Cuts off the fraction. Both ends of the range are no int: a double there may stand for what lies beyond. */
export function doubleToInt(value: number): bigint {
  if (value > -limit && value < limit) return BigInt(Math.trunc(value));
  throw new EvaluationError(`${value} is no int`);
}

export function doubleToUint(value: number): bigint {
  if (value >= 0 && value < 2 * limit) return BigInt(Math.trunc(value));
  throw new EvaluationError(`${value} is no uint`);
}

function inInt(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new EvaluationError("int overflow");
}

function inUint(value: bigint): bigint {
  if (BigInt.asUintN(64, value) === value) return value;
  throw new EvaluationError("uint overflow");
}

function nonZero<T extends number | bigint>(value: T): T {
  if (value !== 0 && value !== 0n) return value;
  throw new EvaluationError("division by zero");
}
