import { RE2JS } from "@bufbuild/re2";
import { messageOf } from "../../errors.js";
import type { PatternPlan } from "../cel/expression.js";
import { PatternError, translatePattern } from "./re2.js";

export { PatternError };

/**
 * Plans a pattern of RE2: what is the same in JavaScript becomes a RegExp, and the rest is left to an implementation of RE2.
 *
 * @throws {PatternError} it is no pattern of RE2
 */
export function planPattern(source: string): PatternPlan {
  try {
    RE2JS.compile(source);
  } catch (error) {
    throw new PatternError(messageOf(error).replace(/^error parsing regexp: /, ""));
  }
  try {
    return { kind: "pattern", ...translatePattern(source), re2: source };
  } catch (error) {
    if (error instanceof PatternError) return { kind: "re2", source };
    throw error;
  }
}
