import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { violationsToProto } from "@bufbuild/protovalidate";
import { describe, expect, it } from "vitest";
import { standardRulePath } from "./rule-path.js";

const [, ViolationsSchema] = violationsToProto([]);

function messageNamed(name: string): DescMessage {
  const found = ViolationsSchema.file.messages.find((message) => message.name === name);
  if (found === undefined) throw new Error(`buf/validate/validate.proto declares no ${name}`);
  return found;
}

/** Every rule of every type, as the standard declares it. What is nested in lists and maps, and what asks for nothing, is none. */
const rules = messageNamed("FieldRules").oneofs.flatMap(({ fields }) =>
  fields.flatMap((kind) =>
    (kind.message?.fields ?? [])
      .filter(({ name, message }) => name !== "example" && name !== "strict" && message?.name !== "FieldRules")
      .map((rule): [string, DescField, DescField] => [`${kind.name}.${rule.name}`, kind, rule]),
  ),
);

const element = ({ number, name, proto }: DescField) => ({ fieldNumber: number, fieldName: name, fieldType: proto.type });

describe("standardRulePath", () => {
  it.each(rules)("leads to %s", (id, kind, rule) => {
    expect(standardRulePath(id)).toEqual([element(kind), element(rule)]);
  });

  it.each([
    ["int32.gte_lt", "gte"],
    ["int32.gt_lte_exclusive", "gt"],
    ["string.email_empty", "email"],
    ["string.well_known_regex.header_name_empty", "well_known_regex"],
    ["timestamp.gt_now", "gt_now"],
  ])("leads from %s to the rule that asks for it", (id, name) => {
    expect(standardRulePath(id).at(-1)?.fieldName).toBe(name);
  });

  it.each(["type", "unknown_field", "message.oneof", "enum.undeclared", "string.unheard_of"])("is empty for %s", (id) => {
    expect(standardRulePath(id)).toEqual([]);
  });
});
