import { suggestName } from "../../suggest-name.js";
import { defaultMaxDepth } from "../wire/limits.js";
import { describeValue } from "./describe.js";
import type { Faults } from "./faults.js";

/** The properties of `T`, none of them checked yet. */
export type Unchecked<T> = { readonly [K in keyof T]?: unknown };

const objectPrototype = Object.prototype;

/** An object that can be read as a message: no array, Map, Date, Promise or null. */
export function isMessage<T>(faults: Faults, value: unknown): value is Unchecked<T> {
  if (typeof value !== "object" || value === null || !isRecord(value)) {
    faults.add("", "type", "must be an object", describeValue(value));
    return false;
  }
  return isShallow(faults, "");
}

/** Whether one more message may stand here; also what ends the check of a message that contains itself. */
export function isShallow(faults: Faults, path: string): boolean {
  if (faults.depth <= defaultMaxDepth) return true;
  faults.add(path, "depth", `must not be nested in more than ${defaultMaxDepth} messages`);
  return false;
}

/** Whether a wrapper or the entry of a map, which are messages on the wire, may stand in this message. */
export function canNest(faults: Faults, path: string): boolean {
  if (faults.depth < defaultMaxDepth) return true;
  faults.add(path, "depth", `must not be nested in more than ${defaultMaxDepth} messages`);
  return false;
}

/** Refuses every property that is not `declared`. */
export function checkProperties(faults: Faults, message: object, declared: readonly string[]): void {
  let next = 0;
  for (const name in message) {
    // most messages have their properties in the order of the declaration
    if (name === declared[next]) next++;
    else {
      const index = declared.indexOf(name);
      if (index === -1) faults.add(pathOf(name), "unknown_field", `is not a field of the contract${suggestion(name, declared)}`);
      else next = index + 1;
    }
  }
}

/** A list; holes in it are refused with its items, as undefined. */
export function isList(faults: Faults, path: string, value: unknown): value is readonly unknown[] {
  if (Array.isArray(value)) return true;
  faults.add(path, "type", "must be an array", describeValue(value));
  return false;
}

/** The entries of a map: a `Map`, or where keys are strings also a plain object. Undefined after a fault. */
export function mapEntries(faults: Faults, path: string, value: unknown, stringKeys: boolean): Iterable<readonly [unknown, unknown]> | undefined {
  if (value instanceof Map) return value.size === 0 || canNest(faults, path) ? value : undefined;
  if (stringKeys && typeof value === "object" && value !== null && isRecord(value)) {
    const entries = Object.entries(value);
    return entries.length === 0 || canNest(faults, path) ? entries : undefined;
  }
  faults.add(path, "type", stringKeys ? "must be a Map or a plain object" : "must be a Map", describeValue(value));
  return undefined;
}

/** The number of entries of a map that `mapEntries` accepted. */
export function mapSize(value: unknown): number {
  return value instanceof Map ? value.size : Object.keys(Object(value)).length;
}

/** A oneof that is set: an object with `case` and `value`, and nothing else. */
export function isOneof(faults: Faults, path: string, value: unknown): value is { readonly case: unknown; readonly value: unknown } {
  if (typeof value !== "object" || value === null || !isRecord(value)) {
    faults.add(path, "type", "must be an object { case, value }", describeValue(value));
    return false;
  }
  const mark = faults.mark();
  checkProperties(faults, value, oneofProperties);
  faults.within(mark, path);
  return true;
}

/** Whether the case of a oneof that may be malformed is `name`. */
export function isCase(value: unknown, name: string): boolean {
  return typeof value === "object" && value !== null && (value as { readonly case?: unknown }).case === name;
}

/** Whether a list, map or bytes that may be malformed holds anything. */
export function isFilled(value: unknown): boolean {
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length > 0;
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

/** Notes a oneof whose case is none of `cases`. */
export function refuseCase(faults: Faults, path: string, value: unknown, cases: readonly string[]): void {
  const actual = typeof value === "string" ? JSON.stringify(value) : describeValue(value);
  faults.add(`${path}.case`, "oneof.undeclared", `must be one of ${cases.map((name) => JSON.stringify(name)).join(", ")}`, actual);
}

const oneofProperties: readonly string[] = ["case", "value"];

function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === objectPrototype || prototype === null || objectPrototype.toString.call(value) === "[object Object]";
}

const pathOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : `[${JSON.stringify(name)}]`);

function suggestion(name: string, declared: readonly string[]): string {
  const meant = suggestName(name, declared);
  return meant === undefined ? "" : ` (is ${meant} meant?)`;
}
