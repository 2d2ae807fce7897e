import { describe, expect, it } from "vitest";
import { parseChange } from "./parse-change.js";

describe("parseChange", () => {
  it.each([
    ["0=3", "0", 3],
    ["part.ndjson=null", "part.ndjson", null],
    ['dt=2024-01-01/part.ndjson={"rows":3,"offset":40}', "dt=2024-01-01/part.ndjson", { rows: 3, offset: 40 }],
    ['a="b=c"', "a", "b=c"],
    ['dt=1/hour=02/f.csv="x=1"', "dt=1/hour=02/f.csv", "x=1"],
  ])("reads %s", (text, split, position) => {
    expect(parseChange(text)).toEqual({ split, position });
  });

  it.each(["", "=3", "0", "0=", "dt=2024/part", "a=b={"])("refuses %j", (text) => {
    expect(() => parseChange(text)).toThrow(`--set ${text} must be SPLIT=JSON, such as part.ndjson=null: behind no = of it there is JSON`);
  });
});
