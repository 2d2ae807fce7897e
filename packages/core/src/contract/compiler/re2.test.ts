import { describe, expect, it } from "vitest";
import { PatternError, translatePattern } from "./re2.js";

/** Why a pattern is refused. */
function refusal(pattern: string): string {
  try {
    return `translated to ${translatePattern(pattern).source}`;
  } catch (error) {
    return error instanceof PatternError ? error.message : String(error);
  }
}

describe("translatePattern", () => {
  it("writes plain patterns as they are", () => {
    expect(translatePattern("^[a-z]{2}[0-9]+$")).toEqual({ source: "^[a-z]{2}[0-9]+$", flags: "u" });
  });

  it("rewrites what JavaScript means otherwise", () => {
    expect(translatePattern("(?i).\\s\\z")).toEqual({ source: "[^\\n][\\t\\n\\f\\r ](?![^])", flags: "ui" });
    expect(translatePattern("[[:digit:]]\\pL{2}\\Q{\\E").source).toBe("[0-9]\\p{L}{2}\\{");
  });

  it("refuses what JavaScript cannot express and what RE2 refuses", () => {
    expect(refusal("(?U)a+")).toBe("the flag U of RE2 has no equal in JavaScript");
    expect(refusal("a(?i)b")).toBe("(?i is not supported: flags may only stand in front, and RE2 has no look-around");
    expect(refusal("(?=a)")).toBe("(?= is not supported: flags may only stand in front, and RE2 has no look-around");
    expect(refusal("(?<!a)b")).toBe("(?< is not supported: flags may only stand in front, and RE2 has no look-around");
    expect(refusal("(a)\\1")).toBe("\\1 is not supported");
    expect(refusal("a**")).toBe("RE2 has no repetition of a repetition");
    expect(refusal("a{1001}")).toBe("RE2 repeats at most 1000 times");
    expect(refusal("[a")).toBe("a character class is not closed");
    expect(refusal("[[:nope:]]")).toBe("there is no class [:nope:]");
    expect(refusal("\\B")).toBe("\\B has no equal in JavaScript");
    expect(refusal("[[:^digit:]]")).toBe("[:^digit:] has no equal in JavaScript");
    expect(refusal("[\\W]")).toBe("\\W within a class has no equal in JavaScript");
    expect(refusal("a\\")).toBe("it ends in a backslash");
    expect(refusal("\\C")).toBe("\\C is not supported");
    expect(refusal("(a")).toMatch(/^Invalid regular expression/);
    expect(refusal("+a")).toMatch(/^Invalid regular expression/);
  });
});
