import { describe, expect, it } from "vitest";
import { OTHER_FIELDS, violationField } from "./violation-field.js";

const field = (path: string, rule = "string.len", typeName = "t.v1.A") => violationField(typeName, { path, rule });

describe("violationField", () => {
  it.each([
    ["celsius", "celsius"],
    ["items[2].price.currency", "items.price.currency"],
    ['labels["a \\"b].c"].name', "labels.name"],
    ["[7].celsius", "celsius"],
    ["[7]", ""],
    ["", ""],
  ])("names the field of %s", (path, expected) => {
    expect(field(path)).toBe(expected);
  });

  it.each([
    ["customer.nmae", "customer"],
    ["nmae", ""],
    ['customer["4111 1111"]', "customer"],
  ])("does not tell the name of a property that is not declared: %s", (path, expected) => {
    expect(field(path, "unknown_field")).toBe(expected);
  });

  it("tells of 100 fields of a contract and of no more", () => {
    const fields = Array.from({ length: 300 }, (_, depth) => field(Array.from({ length: depth + 1 }, () => "child").join("."), "depth", "t.v1.Tree"));
    expect(new Set(fields).size).toBe(101);
    expect(fields[299]).toBe(OTHER_FIELDS);
    expect(field("child", "depth", "t.v1.Tree")).toBe("child");
    expect(field("celsius")).toBe("celsius");
  });
});
