import { describe, expect, it } from "vitest";
import { readProperties } from "./properties.js";

describe("readProperties", () => {
  it.each<[string, string, Record<string, string>]>([
    ["separators", "a=1\nb : 2\nc 3\nd", { a: "1", b: "2", c: "3", d: "" }],
    ["comments and empty lines", "# a=1\n! b=2\n\n  c=3\r\n", { c: "3" }],
    ["signs in the value", 'jaas=Module required user="a=b" x;', { jaas: 'Module required user="a=b" x;' }],
    ["lines that go on", "a=1,\\\n   2\nb=c\\\\\nd=3\\", { a: "1,2", b: "c\\", d: "3" }],
    ["escapes", "a\\ b\\=c=\\u00e9\\n\\t\\q", { "a b=c": "é\n\tq" }],
    ["a key that comes again", "a=1\na=2", { a: "2" }],
  ])("takes %s as Java does", (_, text, properties) => {
    expect(Object.fromEntries(readProperties(text))).toEqual(properties);
  });
});
