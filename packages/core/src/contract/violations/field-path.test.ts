import { describe, expect, it } from "vitest";
import { fieldPath } from "./field-path.js";
import { fieldTypes } from "./field-table.js";

const { bool, int32, message, string, uint64 } = fieldTypes;

describe("fieldPath", () => {
  it.each([
    [string, "a", { case: "stringKey", value: "a" }],
    [bool, true, { case: "boolKey", value: true }],
    [int32, -1, { case: "intKey", value: -1n }],
    [uint64, 2n, { case: "uintKey", value: 2n }],
  ])("gives a key of type %i, %o, as the standard does", (keyType, key, subscript) => {
    const table = { map: { name: "map", number: 1, type: message, keyType, valueType: string } };
    expect(fieldPath([{ name: "map", key }], table)).toEqual([
      { fieldNumber: 1, fieldName: "map", fieldType: message, keyType, valueType: string, subscript },
    ]);
  });

  it.each([
    [uint64, "!", "!"],
    [int32, 1.5, "1.5"],
    [bool, 1, "1"],
    [string, Object.create(null), "an object"],
  ])("shows as text what is no key of type %i: %o", (keyType, key, value) => {
    const table = { map: { name: "map", number: 1, type: message, keyType, valueType: string } };
    expect(fieldPath([{ name: "map", key }], table)[0]?.subscript).toEqual({ case: "stringKey", value });
  });
});
