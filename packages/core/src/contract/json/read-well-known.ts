import type { WellKnownKind } from "../compiler/plan.js";
import type { Faults } from "../rules/faults.js";
import type { JsonObject, JsonValue } from "../wire/json.js";
import { parseFieldMask } from "./field-mask-text.js";
import { isItems, isMembers, type JsonMembers, type JsonNode, type JsonNumber } from "./json-node.js";
import { readText, refuse } from "./read-scalar.js";
import { parseDuration, parseTimestamp } from "./time-text.js";

/** Reads a type of Google's that has a form of its own in JSON; undefined after a fault. */
export function readWellKnown(kind: Exclude<WellKnownKind, "any" | "empty">, node: JsonNode, faults: Faults): unknown {
  switch (kind) {
    case "timestamp":
      return readAs(parseTimestamp, "must be a time as 2006-01-02T15:04:05.999Z, between the years 1 and 9999", node, faults);
    case "duration":
      return readAs(parseDuration, "must be a span of at most 10,000 years, in seconds, as 1.5s", node, faults);
    case "field_mask": {
      const paths = readAs(parseFieldMask, "must be paths in lowerCamelCase, with commas between them", node, faults);
      return paths === undefined ? undefined : { paths };
    }
    case "struct":
      return isMembers(node) ? readStruct(node, faults) : refuse(faults, "must be an object", node);
    case "list_value":
      return isItems(node) ? readList(node, faults) : refuse(faults, "must be an array", node);
    case "value":
      return readJsonValue(node, faults);
  }
}

function readAs<T>(parse: (text: string) => T | undefined, expectation: string, node: JsonNode, faults: Faults): T | undefined {
  if (typeof node !== "string") return refuse(faults, expectation, node);
  const value = parse(node);
  if (value === undefined) faults.add("", "type", expectation);
  return value;
}

function readJsonValue(node: JsonNode, faults: Faults): JsonValue | undefined {
  if (node === null || typeof node === "boolean") return node;
  if (typeof node === "string") return readText(node, faults);
  if (isItems(node)) return readList(node, faults);
  if (isMembers(node)) return readStruct(node, faults);
  return readNumber(node, faults);
}

function readNumber({ text }: JsonNumber, faults: Faults): number | undefined {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  faults.add("", "range", "must be a number that a double can hold", text.slice(0, 40));
  return undefined;
}

function readStruct(members: JsonMembers, faults: Faults): JsonObject {
  const entries = Array.from(members, ([name, node]): readonly [string, JsonValue] => {
    const mark = faults.mark();
    readText(name, faults);
    const value = readJsonValue(node, faults) ?? null;
    faults.within(mark, "", name);
    return [name, value];
  });
  // also of a member that is called __proto__
  return Object.fromEntries(entries);
}

function readList(items: readonly JsonNode[], faults: Faults): JsonValue[] {
  return items.map((node, index) => {
    const mark = faults.mark();
    const value = readJsonValue(node, faults) ?? null;
    faults.within(mark, "", index);
    return value;
  });
}
