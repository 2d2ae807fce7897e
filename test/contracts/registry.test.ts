import { create, type FileRegistry, ScalarType, setExtension } from "@bufbuild/protobuf";
import {
  DescriptorProtoSchema,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { FieldRulesSchema, field as fieldOption } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import { createBus } from "@org/bus-core";
import { type ContractRegistry, compileContracts } from "@org/bus-core/compiler";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { canary } from "../support/canary.js";
import { Patterns } from "./gen/rules/v1/patterns.js";
import { Person } from "./gen/topics/v1/topics.js";
import { importedFiles } from "./support/arbitrary-schema.js";
import { loadContracts, loadRegistry, messageOf } from "./support/descriptors.js";
import { textsNearPatterns } from "./support/values-near-bounds.js";

let registry: ContractRegistry;
let descriptors: FileRegistry;

beforeAll(async () => {
  registry = await loadContracts();
  descriptors = await loadRegistry();
});

describe("a contract of a registry", () => {
  it("is the contract that bus gen writes", () => {
    const contract = registry.contract(Person.typeName);
    expect(registry.byTopic.get("people")).toBe(contract);
    const plain = ({ typeName, topic, sensitiveFields }: typeof contract) => ({ typeName, topic, sensitiveFields });
    expect(plain(contract)).toEqual(plain(Person));
    expect(contract.key({ id: { number: 5n } })).toEqual(Person.key({ id: { number: 5n } }));
    const refused = { name: `${canary}is too long a name`, age: 200 };
    expect(contract.validate(refused)).toMatchObject(Person.validate(refused));
  });

  it("is published to and consumed from as any other", async () => {
    await using bus = createBus({ service: "registry" });
    const contract = registry.contract(Person.typeName);
    await bus.topics.ensure([contract]);
    const { promise: received, resolve } = Promise.withResolvers<object | undefined>();
    bus.consume(contract, { group: "tools" }, (message) => resolve(message));
    await expect(bus.publish(contract, { id: {}, age: 1000 })).rejects.toMatchObject({ code: "contract_violation" });
    await bus.publish(contract, registry.fromJson(Person.typeName, `{"id": {"number": "7"}, "name": "${canary}"}`));
    expect(await received).toMatchObject({ id: { number: 7n }, name: canary, contacts: new Map() });
  });
});

describe("patterns of a registry", () => {
  it("match what those of generated contracts match", () => {
    const { typeName } = Patterns;
    const fields = messageOf(descriptors, typeName).fields.filter(({ scalar }) => scalar === ScalarType.STRING);
    const seen = new Set<string>();
    fc.assert(
      fc.property(textsNearPatterns, (text) => {
        const message = Object.fromEntries(fields.map(({ localName }) => [localName, text]));
        const found = registry.validate(typeName, message).map(({ path }) => path);
        expect(found).toEqual(Patterns.validate(message).map(({ path }) => path));
        for (const path of found) seen.add(path);
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBeGreaterThan(fields.length / 2);
  });

  it("do not take long on hostile text, whatever they are", () => {
    const pattern = create(FieldDescriptorProtoSchema, { name: "text", number: 1, jsonName: "text", label: 1, type: 9, options: {} });
    setExtension(
      pattern.options ?? create(FieldOptionsSchema),
      fieldOption,
      create(FieldRulesSchema, { type: { case: "string", value: { pattern: "^(a+)+$" } } }),
    );
    const file = create(FileDescriptorProtoSchema, { name: "evil.proto", syntax: "proto3", dependency: ["buf/validate/validate.proto"] });
    file.messageType.push(create(DescriptorProtoSchema, { name: "Evil", field: [pattern] }));
    const evil = compileContracts(create(FileDescriptorSetSchema, { file: [...importedFiles, file] }));
    // a RegExp would go through 2^5000 ways
    expect(evil.validate("Evil", { text: `${"a".repeat(5000)}!` })).toMatchObject([{ path: "text", rule: "string.pattern" }]);
  });
});
