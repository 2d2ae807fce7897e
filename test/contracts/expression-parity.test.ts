import { clone, create, createFileRegistry, fromBinary, setExtension } from "@bufbuild/protobuf";
import { type FileDescriptorSet, FileDescriptorSetSchema, MessageOptionsSchema } from "@bufbuild/protobuf/wkt";
import { MessageRulesSchema, message as messageRules } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { compile, compileContracts } from "@org/bus-core/compiler";
import fc, { type GeneratorValue } from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { arbitraryExpression } from "./support/arbitrary-expression.js";
import { generateMessageOf } from "./support/arbitrary-message.js";
import { loadDescriptors, messageOf } from "./support/descriptors.js";
import { valuesNearBounds } from "./support/values-near-bounds.js";

const typeName = "rules.v1.Operands";
const file = "rules/v1/expressions.proto";

let set: FileDescriptorSet;

beforeAll(async () => {
  set = fromBinary(FileDescriptorSetSchema, await loadDescriptors());
});

/** The descriptors, with each of `expressions` twice as a rule of the message: as it is, and in a form that is never compiled. */
function withRules(expressions: readonly string[]): FileDescriptorSet {
  const changed = clone(FileDescriptorSetSchema, set);
  const operands = changed.file.find(({ name }) => name === file)?.messageType.find(({ name }) => name === "Operands");
  if (operands === undefined) throw new Error(`no ${typeName} in ${file}`);
  const options = create(MessageOptionsSchema);
  const cel = expressions.flatMap((expression, index) => [
    { id: `compiled.${index}`, expression },
    { id: `evaluated.${index}`, expression: `dyn(${expression}) == true` },
  ]);
  setExtension(options, messageRules, create(MessageRulesSchema, { cel }));
  operands.options = options;
  return changed;
}

/** The ids of the rules that are not compiled. */
function evaluatedRules(changed: FileDescriptorSet): readonly string[] {
  const files = [...createFileRegistry(changed).files];
  const source = compile({ files, generate: new Set([file]) }).find(({ path }) => path === file.replace(".proto", ".ts"))?.content ?? "";
  const evaluator = source.split("\n").find((line) => line.includes(`("${typeName}", [`)) ?? "";
  return Array.from(evaluator.matchAll(/\{ id: "((?:compiled|evaluated)\.\d+)"/g), ([, id = ""]) => id);
}

type Outcome = "holds" | "broken" | "unevaluable";

/** What came of the rule `id`. */
function outcomeOf(violations: readonly { readonly rule: string; readonly message: string }[], id: string): Outcome {
  if (violations.some(({ rule }) => rule === id)) return "broken";
  return violations.some(({ rule, message }) => rule === "unevaluable" && message.startsWith(`the rule ${id} `)) ? "unevaluable" : "holds";
}

/** Expressions that went wrong once, or that say what the semantics of CEL are. */
const corpus: readonly string[] = [
  "this.a / 0 == 1 || true",
  "true || this.a / 0 == 1",
  "this.a / 0 == 1 && false",
  "this.a / 0 == 1 && true",
  "9223372036854775807 + 1 > 0",
  "-9223372036854775808 / -1 > 0",
  "-(-9223372036854775808) > 0",
  "0u - 1u > 0u",
  "18446744073709551615u / 1u > 9223372036854775807u",
  "18446744073709551615u % 18446744073709551614u == 1u && this.big / 0u == 0u",
  "this.long * this.long >= 0",
  "9007199254740993 == 9007199254740992 + 1",
  "-7 / 2 == -3 && -7 % 2 == -1",
  "1.0 / 0.0 > 1e308",
  "0.0 / 0.0 == 0.0 / 0.0",
  "double(0 * -1) == 0.0 && 1.0 / double(0 * -1) > 0.0",
  "this.small == 0.1",
  "'😀'.size() == 1",
  "'a' < 'b' && 'ab' < 'b' && !('a' < '')",
  "[1, 2, 3].exists_one(n, n > 2)",
  "[0, 1].all(n, 1 / n > 0)",
  "[0, -1].all(n, 1 / n > 0)",
  "[0, 1].exists(n, 1 / n > 0)",
  "[0, 1].exists_one(n, 1 / n > 0)",
  "[[1], [2]].exists(l, l == [2])",
  "[1, 2][2] == 1",
  "{'a': 1}['b'] == 1",
  "{'a': 1, 'b': 2}.all(key, key != 'c')",
  "'a' in {'a': 1} && !('b' in {'a': 1})",
  "has(this.inner.deeper) || this.inner.deeper.deeper.count == 0",
  "this.wrapped == null ? this.wrapped > 0 : true",
  "this.wrapped_float == null || this.wrapped_float < 0.25",
  "this.wrapped in this.by_long",
  "this.wrapped in this.longs || this.wrapped in [1, 2]",
  "{1: 'a', 2: 'b'}[this.wrapped] == 'a'",
  "this.start - this.end < duration('1s')",
  "timestamp('9999-12-31T23:59:59Z') + duration('1s') > this.start",
  "duration('9223372036854775807ns') + duration('1ns') > this.span",
  "now == now",
  "string(b'\\xff') == ''",
  "1 < 1.5 && 2u > 1.5 && 1u < 2",
  "int(1e19) > 0",
  "uint(-1) == 0u",
  "this.texts.map(t, t.size()).filter(n, n > 1).size() < 3",
  "[1, 2].map(n, [n, n * 2]).all(l, l[1] == l[0] * 2)",
];

describe("expressions, compiled and evaluated", { timeout: 300_000 }, () => {
  const seen = { compiled: 0, holds: 0, broken: 0, unevaluable: 0 };

  /** Compares both ways on `count` messages. */
  function compare(expressions: readonly string[], generate: GeneratorValue, count: number): void {
    const changed = withRules(expressions);
    const left = evaluatedRules(changed);
    expect(left.filter((id) => id.startsWith("evaluated."))).toHaveLength(expressions.length);
    seen.compiled += expressions.length - left.filter((id) => id.startsWith("compiled.")).length;
    const contract = compileContracts(changed).contract(typeName);
    const desc = messageOf(createFileRegistry(changed), typeName);
    for (let run = 0; run < count; run++) {
      const message = generateMessageOf(generate, desc, valuesNearBounds);
      const violations = contract.validate(message);
      for (const [index, expression] of expressions.entries()) {
        const outcome = outcomeOf(violations, `compiled.${index}`);
        seen[outcome]++;
        const evaluated = outcomeOf(violations, `evaluated.${index}`);
        if (outcome !== evaluated) expect({ expression, message, compiled: outcome }).toEqual({ expression, message, compiled: evaluated });
      }
    }
  }

  it("come to the same verdict where the semantics of CEL are peculiar", () => {
    fc.assert(
      fc.property(fc.gen(), (generate) => compare(corpus, generate, 20)),
      { numRuns: 2, endOnFailure: true },
    );
  });

  // with a seed, so that a fault of the evaluator that nobody has met yet turns no other work red
  it("come to the same verdict on generated expressions and messages", () => {
    fc.assert(
      fc.property(fc.array(arbitraryExpression, { minLength: 20, maxLength: 20 }), fc.gen(), (expressions, generate) =>
        compare(expressions, generate, 10),
      ),
      { seed: 7, numRuns: 40, endOnFailure: true },
    );
    // nearly all of them are compiled, and every outcome is met
    expect(seen.compiled).toBeGreaterThan(700);
    for (const outcome of ["holds", "broken", "unevaluable"] as const) expect(seen[outcome]).toBeGreaterThan(100);
  });
});
