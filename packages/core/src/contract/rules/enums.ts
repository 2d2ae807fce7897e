import { hasEnumValue } from "../wire/unknown-fields.js";
import { describeValue } from "./describe.js";
import type { Faults } from "./faults.js";

/** Refuses an enum value that is not declared, unless it was decoded from `field` of this very message. */
export function isKeptEnumValue(faults: Faults, path: string, value: unknown, message: object, typeName: string, field: number): value is number {
  return (typeof value === "number" && hasEnumValue(message, typeName, field, value)) || refuseUndeclared(faults, path, value);
}

/** Refuses what an enum does not declare. */
export function refuseUndeclared(faults: Faults, path: string, value: unknown): false {
  if (typeof value === "number") faults.add(path, "enum.undeclared", "must be a declared value of its enum", String(value));
  else faults.add(path, "type", "must be an enum value (a number)", describeValue(value));
  return false;
}

/** As `isKeptEnumValue`, for `google.protobuf.NullValue`. */
export function isKeptNullValue(faults: Faults, path: string, value: unknown, message: object, typeName: string, field: number): value is number {
  if (typeof value === "number" && hasEnumValue(message, typeName, field, value)) return true;
  faults.add(path, "type", "must be null", describeValue(value));
  return false;
}

/** `defined_only`: `isDefined` says whether `value` is declared. Only a decoded value can break it, others are refused before. */
export function definedOnly(faults: Faults, path: string, value: number, isDefined: boolean): void {
  if (!isDefined) faults.add(path, "enum.defined_only", "must be a declared value of its enum", String(value));
}
