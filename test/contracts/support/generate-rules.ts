import { create, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { type FieldRules, FieldRulesSchema, Ignore } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import fc, { type GeneratorValue } from "fast-check";

/** What has rules: a kind that `FieldRules` names (`string`, `repeated`, …), undefined for a message; and what is in it. */
export interface RuledKind {
  readonly kind: string | undefined;
  readonly nested?: Readonly<Record<"items" | "keys" | "values", string | undefined>>;
}

/** A few of the standard rules of a kind. */
export function generateRules(generate: GeneratorValue, { kind, nested }: RuledKind, isNested = false): FieldRules {
  const ruleField = FieldRulesSchema.fields.find(({ name }) => name === kind);
  return create(FieldRulesSchema, {
    required: !isNested && generate(oneIn, 4),
    ignore: generate(oneIn, 4) ? generate(ignores) : Ignore.UNSPECIFIED,
    ...(generate(oneIn, 4) && { cel: generate(someExpressions, kind ?? "") }),
    ...(ruleField?.message !== undefined && {
      // by name, which the types cannot follow
      type: { case: ruleField.localName, value: create(ruleField.message, pickRules(generate, ruleField.message, nested)) } as never,
    }),
  });
}

/** Rules in CEL for values of a kind: such as are compiled, and such as are evaluated; also ones that fail on some values. */
const someExpressions = (kind: string): fc.Arbitrary<{ id: string; message: string; expression: string }[]> => {
  const all = expressions[kind] ?? [];
  const rules = all.map((expression, index) => ({ id: `generated.${index}`, message: index % 2 === 0 ? "must be as asked" : "", expression }));
  return fc.subarray(rules, { maxLength: Math.min(2, rules.length) });
};

const integers = ["this > 1", "12 / this > 3", "this in [0, 1, 2] ? '' : 'must be small'", "dyn(this) == dyn(2)"];
const naturals = ["this > 1u", "12u / this > 3u", "this in [0u, 1u, 2u] ? '' : 'must be small'", "dyn(this) == dyn(2)"];
const floats = ["this > 1.5", "this == this", "double(int(this)) == this ? '' : 'must be whole'"];
const collections = ["size(this) < 2", "size(this) == 0 ? '' : 'must be empty'"];
const expressions: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(["int32", "int64", "sint32", "sint64", "sfixed32", "sfixed64", "enum"].map((kind) => [kind, integers])),
  ...Object.fromEntries(["uint32", "uint64", "fixed32", "fixed64"].map((kind) => [kind, naturals])),
  float: floats,
  double: floats,
  bool: ["this", "!this ? '' : 'must be off'"],
  string: ["this.size() < 3", "this.startsWith('a') || this.contains('b')", "this.matches('^[ab]*$') ? '' : 'must be of a and b'", "int(this) > 0"],
  bytes: ["this.size() < 3", "this == b'a'"],
  repeated: collections,
  map: collections,
  timestamp: ["this > timestamp('2020-01-01T00:00:00Z')", "this.getFullYear() < 2000"],
  duration: ["this < duration('1s')", "this.getSeconds() == 1"],
};

const ignores = (): fc.Arbitrary<Ignore> => fc.constantFrom(Ignore.IF_ZERO_VALUE, Ignore.ALWAYS);

function pickRules(generate: GeneratorValue, rules: DescMessage, nested: RuledKind["nested"]): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  const count = 1 + generate(upTo, 1);
  for (let index = 0; index < count; index++) {
    const rule = rules.fields[generate(upTo, rules.fields.length - 1)];
    // an example asks for nothing
    if (rule === undefined || rule.name === "example") continue;
    const value = ruleValue(generate, rule, nested);
    if (value === undefined) continue;
    if (rule.oneof === undefined) picked[rule.localName] = value;
    else picked[rule.oneof.localName] = { case: rule.localName, value };
  }
  return picked;
}

function ruleValue(generate: GeneratorValue, rule: DescField, nested: RuledKind["nested"]): unknown {
  if (rule.message?.typeName === FieldRulesSchema.typeName) {
    const kind = nested?.[rule.name as "items"];
    return generateRules(generate, { kind }, true);
  }
  const single = (): unknown => singleValue(generate, rule);
  return rule.fieldKind === "list" ? Array.from({ length: 1 + generate(upTo, 2) }, single) : single();
}

function singleValue(generate: GeneratorValue, { name, scalar, message, enum: choices }: DescField): unknown {
  if (message !== undefined) return create(message, { seconds: BigInt(generate(upTo, 2)), nanos: generate(upTo, 5) } as never);
  if (choices !== undefined) return generate(upTo, choices.values.length - 1);
  switch (scalar) {
    case ScalarType.STRING:
      return name === "pattern" ? generate(patterns) : generate(texts);
    case ScalarType.BYTES:
      return new TextEncoder().encode(generate(texts));
    case ScalarType.BOOL:
      return true;
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return BigInt(generate(upTo, 4));
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return BigInt(generate(upTo, 4) - 2);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return generate(upTo, 4);
    default:
      return generate(upTo, 4) - 2;
  }
}

const patterns = (): fc.Arbitrary<string> => fc.constantFrom("^a", "b$", "^[ab1]*$", "(?i)A");
const texts = (): fc.Arbitrary<string> => fc.constantFrom("", "a", "b", "ab", "é", "😀");
const upTo = (max: number): fc.Arbitrary<number> => fc.nat(max);
const oneIn = (times: number): fc.Arbitrary<boolean> => fc.nat(times - 1).map((value) => value === 0);
