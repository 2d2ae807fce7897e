import type { JsonListInit, JsonObjectInit, JsonValueInit } from "../wire/json.js";
import { describeValue } from "./describe.js";
import type { Faults } from "./faults.js";
import { isString } from "./scalars.js";
import { isList, isMessage, isShallow } from "./structure.js";

/** A plain object of values of JSON. */
export function isStruct(faults: Faults, path: string, value: unknown): value is JsonObjectInit {
  return check(faults, path, value, checkObject);
}

/** A value of JSON. */
export function isValue(faults: Faults, path: string, value: unknown): value is JsonValueInit {
  return check(faults, path, value, checkValue);
}

/** An array of values of JSON. */
export function isListValue(faults: Faults, path: string, value: unknown): value is JsonListInit {
  return check(faults, path, value, checkList);
}

type Check = (faults: Faults, value: unknown) => void;

function check(faults: Faults, path: string, value: unknown, body: Check): boolean {
  const mark = faults.mark();
  nest(faults, value, body);
  faults.within(mark, path);
  return faults.mark() === mark;
}

/** An object, an array and each value in them are messages on the wire. */
function nest(faults: Faults, value: unknown, body: Check): void {
  faults.depth++;
  if (isShallow(faults, "")) body(faults, value);
  faults.depth--;
}

function checkObject(faults: Faults, object: unknown): void {
  if (!isMessage<JsonObjectInit>(faults, object)) return;
  for (const [name, value] of Object.entries(object)) {
    const mark = faults.mark();
    isString(faults, "", name);
    faults.withinKey(mark, "", name);
    if (value === undefined) continue;
    const entryMark = faults.enter();
    nest(faults, value, checkValue);
    faults.leave(entryMark, "", name);
  }
}

function checkList(faults: Faults, list: unknown): void {
  if (!isList(faults, "", list)) return;
  for (let index = 0; index < list.length; index++) {
    const mark = faults.mark();
    nest(faults, list[index], checkValue);
    faults.within(mark, "", index);
  }
}

function checkValue(faults: Faults, value: unknown): void {
  if (value === null || typeof value === "boolean" || Number.isFinite(value)) return;
  if (typeof value === "string") isString(faults, "", value);
  else if (Array.isArray(value)) nest(faults, value, checkList);
  else if (typeof value === "object") nest(faults, value, checkObject);
  else faults.add("", "type", "must be null, a boolean, a finite number, text, an array or an object", describeValue(value));
}
