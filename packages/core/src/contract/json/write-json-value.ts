import type { JsonListInit, JsonObjectInit, JsonValueInit } from "../wire/json.js";
import { floatOutput, type JsonOutput } from "./write-scalar.js";
import type { JsonWriting } from "./writing.js";

/** A `google.protobuf.Value`, `Struct` or `ListValue`, which are JSON already; but decoded numbers may be such as JSON does not have. */
export function jsonOutput(writing: JsonWriting, value: JsonValueInit): JsonOutput {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) writing.faults.add("", "range", "must be finite", String(value));
    return floatOutput(value);
  }
  if (isList(value)) return value.map((item, index) => placed(writing, item, index));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value as JsonObjectInit).filter((entry): entry is [string, JsonValueInit] => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, placed(writing, item, name)]));
}

function placed(writing: JsonWriting, value: JsonValueInit, index: unknown): JsonOutput {
  const mark = writing.faults.mark();
  const output = jsonOutput(writing, value);
  writing.faults.within(mark, "", index);
  return output;
}

/** `Array.isArray` does not know read-only arrays. */
const isList = (value: JsonValueInit): value is JsonListInit => Array.isArray(value);
