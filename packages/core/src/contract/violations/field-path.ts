import { type FieldPathElement, type FieldPathSubscript, textOf } from "../../errors.js";
import { describeValue } from "../rules/describe.js";
import { type FieldEntry, type FieldTable, fieldTypes } from "./field-table.js";

/** A part of a path: a property, or an item or entry of one. */
export interface PathStep {
  readonly name: string;
  /** An index, or the key of an entry. */
  readonly key: unknown;
}

/** What stands in a path for the key of a sensitive map. */
export const concealedKey = "…";

/** `steps` as the standard writes a path; what is no field of the contract ends it. */
export function fieldPath(steps: readonly PathStep[], fields: FieldTable): readonly FieldPathElement[] {
  const elements: FieldPathElement[] = [];
  let table: FieldTable | undefined = fields;
  for (const { name, key } of steps) {
    const entry: FieldEntry | undefined = table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
    if (entry === undefined) break;
    elements.push({
      ...(entry.number !== undefined && { fieldNumber: entry.number }),
      fieldName: entry.name,
      ...(entry.type !== undefined && { fieldType: entry.type }),
      ...(key !== undefined && key !== concealedKey && keyOf(entry, key)),
    });
    table = entry.fields?.();
  }
  return elements;
}

function keyOf({ keyType, valueType }: FieldEntry, key: unknown): Pick<FieldPathElement, "keyType" | "valueType" | "subscript"> {
  if (keyType === undefined || valueType === undefined) return { subscript: { case: "index", value: BigInt(key as number) } };
  return { keyType, valueType, subscript: subscriptOf(keyType, key) };
}

function subscriptOf(keyType: number, key: unknown): FieldPathSubscript {
  switch (keyType) {
    case fieldTypes.string:
      break;
    case fieldTypes.bool:
      if (typeof key === "boolean") return { case: "boolKey", value: key };
      break;
    case fieldTypes.uint32:
    case fieldTypes.uint64:
    case fieldTypes.fixed32:
    case fieldTypes.fixed64:
      if (isInteger(key)) return { case: "uintKey", value: BigInt(key) };
      break;
    default:
      if (isInteger(key)) return { case: "intKey", value: BigInt(key) };
  }
  // also what is no key of such a map at all
  return { case: "stringKey", value: keyText(key) };
}

const isInteger = (key: unknown): key is number | bigint => typeof key === "bigint" || Number.isInteger(key);

/** The key of an entry, as text. Total: in JavaScript anything can be a key of a `Map`. */
export const keyText = (key: unknown): string => textOf(() => key) ?? describeValue(key);
