import { fromJson } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { PatternError, planPattern } from "../../compiler/plan-pattern.js";
import { ExpressionError, type Node } from "../check/parse.js";
import { parseDuration } from "../runtime/durations.js";
import { call, NotTranslatable, type Translated } from "./form.js";

type Result = Pick<Translated, "expression" | "form">;

/** `timestamp("2024-01-01T00:00:00Z")`. */
export function foldTimestamp({ expression }: Translated, { at }: Node): Result {
  const text = textOf(expression);
  try {
    const { seconds, nanos } = fromJson(TimestampSchema, text);
    return { expression: { kind: "literal", value: seconds * 1_000_000_000n + BigInt(nanos) }, form: { kind: "nanos" } };
  } catch {
    throw new ExpressionError(`${JSON.stringify(text)} is no timestamp, must be as in RFC 3339: 2024-01-01T00:00:00Z`, at);
  }
}

/** `duration("1.5h")`. */
export function foldDuration({ expression }: Translated, { at }: Node): Result {
  const text = textOf(expression);
  const nanos = parseDuration(text);
  if (nanos === undefined) throw new ExpressionError(`${JSON.stringify(text)} is no duration, must be as 1h30m, 1.5s or 100ms`, at);
  return { expression: { kind: "literal", value: nanos }, form: { kind: "nanos" } };
}

/** `text.matches("pattern")`. */
export function translateMatches(value: Translated, pattern: Translated, { at }: Node): Result {
  const source = textOf(pattern.expression);
  try {
    return { expression: call("matches", value.expression, planPattern(source)), form: { kind: "bool" } };
  } catch (error) {
    if (error instanceof PatternError) throw new ExpressionError(`the pattern ${source} is none of RE2: ${error.message}`, at);
    throw error;
  }
}

function textOf(expression: Translated["expression"]): string {
  if (expression.kind === "literal" && typeof expression.value === "string") return expression.value;
  throw new NotTranslatable("a text that is computed");
}
