import type { Pattern } from "../cel/runtime/text.js";
import { describeCount } from "./counts.js";
import type { Faults } from "./faults.js";

export function bytesLength(faults: Faults, path: string, value: Uint8Array, length: number): void {
  if (value.length !== length) faults.add(path, "bytes.len", `must be ${describeCount(length, "byte")}`, String(value.length));
}

export function bytesMinLength(faults: Faults, path: string, value: Uint8Array, min: number): void {
  if (value.length < min) faults.add(path, "bytes.min_len", `must be at least ${describeCount(min, "byte")}`, String(value.length));
}

export function bytesMaxLength(faults: Faults, path: string, value: Uint8Array, max: number): void {
  if (value.length > max) faults.add(path, "bytes.max_len", `must be at most ${describeCount(max, "byte")}`, String(value.length));
}

export function bytesEqual(faults: Faults, path: string, value: Uint8Array, expected: Uint8Array): void {
  if (!same(value, expected)) faults.add(path, "bytes.const", `must equal ${hex(expected)}`);
}

export function bytesOneOf(faults: Faults, path: string, value: Uint8Array, allowed: readonly Uint8Array[]): void {
  if (!allowed.some((one) => same(value, one))) faults.add(path, "bytes.in", `must be one of ${allowed.map(hex).join(", ")}`);
}

export function bytesNoneOf(faults: Faults, path: string, value: Uint8Array, refused: readonly Uint8Array[]): void {
  if (refused.some((one) => same(value, one))) faults.add(path, "bytes.not_in", `must not be one of ${refused.map(hex).join(", ")}`);
}

export function bytesPrefix(faults: Faults, path: string, value: Uint8Array, prefix: Uint8Array): void {
  if (!same(value.subarray(0, prefix.length), prefix)) faults.add(path, "bytes.prefix", `must begin with ${hex(prefix)}`);
}

export function bytesSuffix(faults: Faults, path: string, value: Uint8Array, suffix: Uint8Array): void {
  const tail = value.subarray(Math.max(0, value.length - suffix.length));
  if (!same(tail, suffix)) faults.add(path, "bytes.suffix", `must end with ${hex(suffix)}`);
}

export function bytesContains(faults: Faults, path: string, value: Uint8Array, part: Uint8Array): void {
  if (!asBuffer(value).includes(asBuffer(part))) faults.add(path, "bytes.contains", `must contain ${hex(part)}`);
}

/** Bytes that are text, and match. `source` is the pattern as the contract has it; `pattern` is its JavaScript form. */
export function bytesPattern(faults: Faults, path: string, value: Uint8Array, pattern: Pattern, source: string): void {
  const text = decodeText(value);
  if (text === undefined) faults.add(path, "unevaluable", "the rule bytes.pattern could not be evaluated: the bytes are no UTF-8");
  else if (!pattern.test(text)) faults.add(path, "bytes.pattern", `must match the pattern ${source}`);
}

/** A value that has one of `lengths`; an empty one breaks the rule `<rule>_empty`. */
export function bytesFormat(faults: Faults, path: string, value: Uint8Array, rule: string, name: string, lengths: readonly number[]): void {
  if (value.length === 0) faults.add(path, `${rule}_empty`, `must be ${name}, is empty`);
  else if (!lengths.includes(value.length)) faults.add(path, rule, `must be ${name}`, describeCount(value.length, "byte"));
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

const same = (left: Uint8Array, right: Uint8Array): boolean => asBuffer(left).equals(right);

const hex = (bytes: Uint8Array): string => `0x${asBuffer(bytes).toString("hex")}`;
