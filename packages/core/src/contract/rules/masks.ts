import type { FieldMaskInit } from "../wire/field-mask.js";
import type { Faults } from "./faults.js";

/* Rules of `google.protobuf.FieldMask`. A path that is allowed or refused stands for all that is below it too. */

export function maskEqual(faults: Faults, path: string, value: FieldMaskInit, expected: readonly string[]): void {
  const paths = value.paths ?? [];
  if (paths.length === expected.length && paths.every((one, index) => one === expected[index])) return;
  faults.add(path, "field_mask.const", `must have exactly the paths ${list(expected)}`);
}

export function maskWithin(faults: Faults, path: string, value: FieldMaskInit, allowed: readonly string[]): void {
  if (value.paths?.every((one) => isBelowAny(one, allowed)) ?? true) return;
  faults.add(path, "field_mask.in", `must have only paths of ${list(allowed)}`);
}

export function maskWithout(faults: Faults, path: string, value: FieldMaskInit, refused: readonly string[]): void {
  if (!value.paths?.some((one) => isBelowAny(one, refused))) return;
  faults.add(path, "field_mask.not_in", `must have no path of ${list(refused)}`);
}

const isBelowAny = (path: string, parents: readonly string[]): boolean => parents.some((parent) => path === parent || path.startsWith(`${parent}.`));

const list = (paths: readonly string[]): string => paths.map((path) => JSON.stringify(path)).join(", ");
