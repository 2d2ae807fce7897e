import { create, type DescField, ScalarType } from "@bufbuild/protobuf";
import { violationsToProto } from "@bufbuild/protovalidate";
import { describe, expect, it } from "vitest";
import type { OptionMessage, OptionValue } from "./options.js";
import { planStandardRules } from "./standard-rules.js";

const [, ViolationsSchema] = violationsToProto([]);
const fieldRules = ViolationsSchema.file.messages.find(({ name }) => name === "FieldRules");

/** Every rule of every type, as `buf/validate/validate.proto` declares it. */
const rules = (fieldRules?.oneofs ?? []).flatMap(({ fields }) =>
  fields.flatMap((kind) => (kind.message?.fields ?? []).map((rule): [string, string, DescField] => [`${kind.name}.${rule.name}`, kind.name, rule])),
);

const option = (typeName: string, fields: Readonly<Record<string, OptionValue>>): OptionMessage => ({
  typeName,
  fields: new Map(Object.entries(fields)),
  extensions: [],
  unknown: [],
  bytes: () => new Uint8Array(),
});

/** What a rule may be set to. */
function sampleOf(rule: DescField): OptionValue {
  const value = singleSample(rule);
  return rule.fieldKind === "list" ? [value] : value;
}

function singleSample({ message, enum: ofEnum, scalar }: DescField): OptionValue {
  if (message !== undefined) return option(message.typeName, Object.keys(create(message)).includes("paths") ? { paths: ["a"] } : { seconds: 1n });
  if (ofEnum !== undefined) return 1;
  switch (scalar) {
    case ScalarType.BOOL:
      return true;
    case ScalarType.STRING:
      return "a";
    case ScalarType.BYTES:
      return Uint8Array.of(97);
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return 1n;
    default:
      return 1;
  }
}

/** What is no rule of the value itself: rules of what is in it, examples, and how another rule is meant. */
const others = /^(?:repeated\.items|map\.(?:keys|values)|string\.strict|\w+\.example)$/;

describe("planStandardRules", () => {
  it("knows where the rules are declared", () => {
    expect(rules.length).toBeGreaterThan(180);
  });

  it.each(rules)("handles %s", (id, kind, rule) => {
    const refused: string[] = [];
    const plans = planStandardRules(kind, option(`rules of ${kind}`, { [rule.name]: sampleOf(rule) }), (name, reason) =>
      refused.push(`${name}: ${reason}`),
    );
    expect(refused).toEqual([]);
    expect(plans).toHaveLength(others.test(id) ? 0 : 1);
  });
});
