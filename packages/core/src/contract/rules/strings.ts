import type { Pattern } from "../cel/runtime/text.js";
import { describeCount } from "./counts.js";
import type { Faults } from "./faults.js";

/** Lengths count code points: a character outside the basic plane is one. */
export function stringLength(faults: Faults, path: string, value: string, length: number): void {
  const actual = codePoints(value);
  if (actual !== length) faults.add(path, "string.len", `must be ${describeCount(length, "character")}`, String(actual));
}

export function stringMinLength(faults: Faults, path: string, value: string, min: number): void {
  // the number of UTF-16 units bounds that of code points from above, and its half from below
  if (value.length >= 2 * min) return;
  const actual = codePoints(value);
  if (actual < min) faults.add(path, "string.min_len", `must be at least ${describeCount(min, "character")}`, String(actual));
}

export function stringMaxLength(faults: Faults, path: string, value: string, max: number): void {
  if (value.length <= max) return;
  const actual = codePoints(value);
  if (actual > max) faults.add(path, "string.max_len", `must be at most ${describeCount(max, "character")}`, String(actual));
}

export function stringBytes(faults: Faults, path: string, value: string, length: number): void {
  const actual = Buffer.byteLength(value);
  if (actual !== length) faults.add(path, "string.len_bytes", `must be ${describeCount(length, "byte")}`, String(actual));
}

export function stringMinBytes(faults: Faults, path: string, value: string, min: number): void {
  if (value.length >= min) return;
  const actual = Buffer.byteLength(value);
  if (actual < min) faults.add(path, "string.min_bytes", `must be at least ${describeCount(min, "byte")}`, String(actual));
}

export function stringMaxBytes(faults: Faults, path: string, value: string, max: number): void {
  if (3 * value.length <= max) return;
  const actual = Buffer.byteLength(value);
  if (actual > max) faults.add(path, "string.max_bytes", `must be at most ${describeCount(max, "byte")}`, String(actual));
}

/** `source` is the pattern as the contract has it; `pattern` is its JavaScript form. */
export function stringPattern(faults: Faults, path: string, value: string, pattern: Pattern, source: string): void {
  if (!pattern.test(value)) faults.add(path, "string.pattern", `must match the pattern ${source}`);
}

export function stringPrefix(faults: Faults, path: string, value: string, prefix: string): void {
  if (!value.startsWith(prefix)) faults.add(path, "string.prefix", `must begin with ${JSON.stringify(prefix)}`);
}

export function stringSuffix(faults: Faults, path: string, value: string, suffix: string): void {
  if (!value.endsWith(suffix)) faults.add(path, "string.suffix", `must end with ${JSON.stringify(suffix)}`);
}

export function stringContains(faults: Faults, path: string, value: string, part: string): void {
  if (!value.includes(part)) faults.add(path, "string.contains", `must contain ${JSON.stringify(part)}`);
}

export function stringNotContains(faults: Faults, path: string, value: string, part: string): void {
  if (value.includes(part)) faults.add(path, "string.not_contains", `must not contain ${JSON.stringify(part)}`);
}

function codePoints(value: string): number {
  let count = value.length;
  for (let index = 0; index < value.length; index++) {
    const unit = value.charCodeAt(index);
    // well-formed: a high surrogate is always followed by its low one
    if (unit >= 0xd800 && unit < 0xdc00) count--;
  }
  return count;
}
