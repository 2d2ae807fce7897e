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
    ...(ruleField?.message !== undefined && {
      // by name, which the types cannot follow
      type: { case: ruleField.localName, value: create(ruleField.message, pickRules(generate, ruleField.message, nested)) } as never,
    }),
  });
}

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
