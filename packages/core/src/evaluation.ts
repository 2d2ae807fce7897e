/** What generated contracts need where a rule is evaluated instead of compiled. It loads @bufbuild/cel and @bufbuild/protobuf. Not for other use. */
import { RE2JS } from "@bufbuild/re2";
import type { Pattern } from "./contract/cel/runtime/index.js";

export { createEvaluators, type Evaluator } from "./contract/cel/evaluate/evaluator.js";

/** A pattern of RE2 that JavaScript cannot express. */
export const re2 = (source: string): Pattern => RE2JS.compile(source);
