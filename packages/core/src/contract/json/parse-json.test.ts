import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isItems, isMembers, type JsonNode, JsonNumber } from "./json-node.js";
import { parseJson } from "./parse-json.js";

/** What `JSON.parse` makes of the same text. */
function toValue(node: JsonNode): unknown {
  if (node instanceof JsonNumber) return Number(node.text);
  if (isItems(node)) return node.map(toValue);
  return isMembers(node) ? Object.fromEntries(Array.from(node, ([name, value]) => [name, toValue(value)])) : node;
}

function outcome(parse: () => unknown): unknown {
  try {
    return { value: parse() };
  } catch (error) {
    return error instanceof SyntaxError ? "refused" : error;
  }
}

const isDuplicate = (text: string): boolean => {
  try {
    parseJson(text);
    return false;
  } catch (error) {
    return String(error).includes("is there twice");
  }
};

describe("parseJson", () => {
  it("takes what JSON.parse takes, for the same, and nothing else", () => {
    const pieces = fc.array(fc.constantFrom(...'{}[]:,"\\ \n\t01.-+eEu', "true", "null", '"a"', "\\u00e9", "\\ud800", "é", "\u0001", "1e5", "-0"), {
      maxLength: 12,
    });
    const texts = fc.oneof(
      fc.json(),
      pieces.map((parts) => parts.join("")),
      fc.tuple(fc.json(), fc.nat(), fc.nat(6)).map(([text, at, length]) => text.slice(0, at % text.length) + text.slice((at % text.length) + length)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        if (!isDuplicate(text)) expect(outcome(() => toValue(parseJson(text)))).toEqual(outcome(() => JSON.parse(text)));
      }),
      { numRuns: 5_000 },
    );
  });

  it("keeps numbers as they are written", () => {
    expect(parseJson("[9007199254740993, 1.50e+3]")).toEqual([new JsonNumber("9007199254740993"), new JsonNumber("1.50e+3")]);
  });

  it.each([
    ['{"a": 1, "b": 2, "a": 3}', "line 1, column 18: a name is there twice"],
    ['{"a":\n  tru}', 'line 2, column 3: "t" begins no value'],
    ["[1,]", 'line 1, column 4: "]" begins no value'],
    ["[01]", 'line 1, column 3: "1" does not belong here'],
    ["[1 2]", 'line 1, column 4: "]" should be here'],
    ["{a: 1}", "line 1, column 2: a name in double quotes should be here"],
    ['{"a" 1}', 'line 1, column 6: ":" should be here'],
    ['"a', "line 1, column 1: a string does not end"],
    ['"a\tb"', "line 1, column 3: a control character must be escaped"],
    ['"\\x"', "line 1, column 1: a string holds an escape that there is not"],
    ["", "line 1, column 1: the text ends where a value should be"],
    ["{} {}", "line 1, column 4: there is more behind the end"],
  ])("says where %j is no JSON", (text, message) => {
    expect(() => parseJson(text)).toThrow(new SyntaxError(message));
  });

  it("ends with a reason where arrays and objects nest without end", () => {
    expect(() => parseJson("[".repeat(100_000))).toThrow("line 1, column 402: arrays and objects are nested deeper than 400");
    expect(() => parseJson('{"a":'.repeat(100_000))).toThrow("arrays and objects are nested deeper than 400");
  });

  it("takes time in proportion to the text", () => {
    expect(parseJson(`"${'\\"'.repeat(500_000)}"`)).toHaveLength(500_000);
    expect(parseJson(`[${"1,".repeat(200_000)}1]`)).toHaveLength(200_001);
  });
});
