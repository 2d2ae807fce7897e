/// <reference lib="es2024.string" />
import { describeValue } from "./describe.js";
import type { Faults } from "./faults.js";

/** Whether text has a UTF-8 encoding. Here and not in generated code, which is compiled with the `lib` of its user: ES2023 does not know the method. */
export function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

/** Text that has a UTF-8 encoding: a lone surrogate has none. */
export function isString(faults: Faults, path: string, value: unknown): value is string {
  if (typeof value !== "string") return refuse(faults, path, "must be a string", value);
  if (value.isWellFormed()) return true;
  faults.add(path, "utf8", "must be well-formed text, contains a lone surrogate");
  return false;
}

export function isBool(faults: Faults, path: string, value: unknown): value is boolean {
  return typeof value === "boolean" || refuse(faults, path, "must be a boolean", value);
}

export function isBytes(faults: Faults, path: string, value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || refuse(faults, path, "must be a Uint8Array", value);
}

/** Any number, NaN and the infinities too. */
export function isDouble(faults: Faults, path: string, value: unknown): value is number {
  return typeof value === "number" || refuse(faults, path, "must be a number", value);
}

/** A number that stays finite in 32 bits; what precision it has beyond that is lost, as the contract says. */
export function isFloat(faults: Faults, path: string, value: unknown): value is number {
  if (typeof value !== "number") return refuse(faults, path, "must be a number", value);
  if (Number.isFinite(Math.fround(value)) || !Number.isFinite(value)) return true;
  faults.add(path, "range", "must be between -3.4028234663852886e+38 and 3.4028234663852886e+38", String(value));
  return false;
}

export function isInt32(faults: Faults, path: string, value: unknown): value is number {
  // the bitwise form is the identity on exactly the int32 numbers (and takes -0 for 0, as the encoding does)
  return (typeof value === "number" && (value | 0) === value) || refuseInteger(faults, path, value, -2147483648, 2147483647);
}

export function isUint32(faults: Faults, path: string, value: unknown): value is number {
  return (typeof value === "number" && value >>> 0 === value) || refuseInteger(faults, path, value, 0, 4294967295);
}

export function isInt64(faults: Faults, path: string, value: unknown): value is bigint {
  return (typeof value === "bigint" && BigInt.asIntN(64, value) === value) || refuseBigint(faults, path, value, minInt64, maxInt64);
}

export function isUint64(faults: Faults, path: string, value: unknown): value is bigint {
  return (typeof value === "bigint" && BigInt.asUintN(64, value) === value) || refuseBigint(faults, path, value, 0n, maxUint64);
}

/** For `jstype = JS_NUMBER`. */
export function isInt64Number(faults: Faults, path: string, value: unknown): value is number {
  return Number.isSafeInteger(value) || refuseInteger(faults, path, value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
}

/** For `jstype = JS_NUMBER`. */
export function isUint64Number(faults: Faults, path: string, value: unknown): value is number {
  return (Number.isSafeInteger(value) && typeof value === "number" && value >= 0) || refuseInteger(faults, path, value, 0, Number.MAX_SAFE_INTEGER);
}

/** For `jstype = JS_STRING`. */
export function isInt64String(faults: Faults, path: string, value: unknown): value is string {
  return isDecimal(faults, path, value, minInt64, maxInt64);
}

/** For `jstype = JS_STRING`. */
export function isUint64String(faults: Faults, path: string, value: unknown): value is string {
  return isDecimal(faults, path, value, 0n, maxUint64);
}

const minInt64 = -(2n ** 63n);
const maxInt64 = 2n ** 63n - 1n;
const maxUint64 = 2n ** 64n - 1n;

function refuse(faults: Faults, path: string, expectation: string, value: unknown): false {
  faults.add(path, "type", expectation, describeValue(value));
  return false;
}

function refuseInteger(faults: Faults, path: string, value: unknown, min: number, max: number): false {
  if (typeof value !== "number" || !Number.isInteger(value)) return refuse(faults, path, "must be an integer", value);
  faults.add(path, "range", `must be between ${min} and ${max}`, String(value));
  return false;
}

function refuseBigint(faults: Faults, path: string, value: unknown, min: bigint, max: bigint): false {
  if (typeof value !== "bigint") return refuse(faults, path, "must be a bigint", value);
  faults.add(path, "range", `must be between ${min} and ${max}`, String(value));
  return false;
}

function isDecimal(faults: Faults, path: string, value: unknown, min: bigint, max: bigint): value is string {
  if (typeof value !== "string") return refuse(faults, path, "must be an integer in decimal, as a string", value);
  if (!/^(?:0|-?[1-9]\d{0,19})$/.test(value)) {
    faults.add(path, "type", "must be an integer in decimal, as a string");
    return false;
  }
  const integer = BigInt(value);
  if (integer >= min && integer <= max) return true;
  faults.add(path, "range", `must be between ${min} and ${max}`, value);
  return false;
}
