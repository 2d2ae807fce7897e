import { fileURLToPath } from "node:url";
import type { FileRegistry } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import { loadDescriptorSet } from "@org/bus-cli";
import type { AnyContract, Violation } from "@org/bus-core";
import { type ContractRegistry, compileContracts } from "@org/bus-core/compiler";
import { arbitrary, arbitraryInvalid, breakableRules, examples } from "@org/bus-testkit/arbitrary";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Everything } from "./gen/everything/v1/everything.js";
import { Bytes, Collections, Formats, Numbers, Presence, Texts, Times } from "./gen/rules/v1/rules.js";
import { describeText } from "./support/compile-text.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import { type Loose, toEsMessage } from "./support/es-message.js";

let registry: FileRegistry;
let closures: ContractRegistry;
let shop: ContractRegistry;
const validator = createValidator();

const shopProto = `syntax = "proto3";
package shop.v1;
import "buf/validate/validate.proto";

message Order {
  option (buf.validate.message).cel = {id: "order.discount", message: "more is taken off than it costs", expression: "this.discount <= this.total"};
  int64 total = 1 [(buf.validate.field).int64 = {gte: 0, lte: 1000}];
  int64 discount = 2 [(buf.validate.field).int64 = {gte: 0, lte: 1000}];
  repeated uint32 sizes = 3 [(buf.validate.field).repeated.items.cel = {id: "sizes.even", expression: "this % 2u == 0u"}];
  map<string, string> labels = 4 [(buf.validate.field).map = {keys: {string: {min_len: 2}}, min_pairs: 1}];
  repeated Line lines = 5 [(buf.validate.field).repeated.min_items = 1];
}
message Line {
  string sku = 1 [(buf.validate.field).string = {min_len: 3, uuid: true}];
  Line part = 2;
}
message Impossible {
  string text = 1 [(buf.validate.field).string = {min_len: 3, not_in: ["abc"], max_len: 2}];
}
message Endless {
  Endless again = 1 [(buf.validate.field).required = true];
}
message Contradiction {
  option (buf.validate.message).cel = {id: "never", message: "must not be", expression: "false"};
}
`;

beforeAll(async () => {
  registry = await loadRegistry();
  closures = compileContracts(await loadDescriptorSet("contracts/proto", fileURLToPath(new URL("..", import.meta.url))));
  shop = compileContracts(await describeText({ "shop/v1/shop.proto": shopProto }));
});

const contracts = [Numbers, Texts, Formats, Bytes, Collections, Presence, Times, Everything].map((contract: AnyContract) => ({
  contract,
  typeName: contract.typeName,
  // what fast-check does for addresses, and what nests deeply, takes long
  numRuns: contract === Everything ? 20 : contract === Formats ? 50 : 300,
}));

const asText = (violations: readonly Violation[]): readonly string[] => violations.map(({ path, rule }) => `${path}: ${rule}`);

/** `path: rule` of every rule that can be broken alone. */
const breakable = (contract: AnyContract): readonly string[] => breakableRules(contract).map(({ path, rule }) => `${path}: ${rule}`);

describe("arbitrary", { timeout: 180_000 }, () => {
  it.each(contracts)("makes messages of $typeName that both back ends, and another implementation, find valid", ({ contract, typeName, numRuns }) => {
    const desc = messageOf(registry, typeName);
    fc.assert(
      fc.property(arbitrary(contract), (message) => {
        expect(contract.validate(message)).toEqual([]);
        expect(closures.validate(typeName, message)).toEqual([]);
        const elsewhere = validator.validate(desc, toEsMessage(desc, message as Loose));
        expect(elsewhere.kind === "invalid" ? elsewhere.violations.map(String) : elsewhere.kind).toBe("valid");
      }),
      { numRuns },
    );
  });

  it("follows expressions by trying, also on items", () => {
    const order = shop.contract("shop.v1.Order");
    let sizes = 0;
    fc.assert(
      fc.property(arbitrary(order), (message) => {
        expect(order.validate(message)).toEqual([]);
        sizes += (message as { sizes: readonly unknown[] }).sizes.length;
      }),
      { numRuns: 100 },
    );
    expect(sizes).toBeGreaterThan(50);
  });

  it.each([
    ["Impossible", /^no shop\.v1\.Impossible\.text was found that satisfies its rules; of the last one tried text breaks string\.max_len \(/],
    [
      "Contradiction",
      /^no shop\.v1\.Contradiction was found that satisfies its rules; of the last one tried the message breaks never \(must not be\)$/,
    ],
    ["Endless", /^a message of shop\.v1\.Endless has no end: it has to hold its like$/],
  ])("gives up on %s, and says why", (name, message) => {
    expect(() => fc.sample(arbitrary(shop.contract(`shop.v1.${name}`)), 1)).toThrow(message);
  });

  it("refuses a contract that does not describe itself", () => {
    const { describe: _describe, ...silent } = Numbers;
    expect(() => arbitrary(silent)).toThrow("contract rules.v1.Numbers does not describe its messages (generate it anew with bus gen)");
  });

  it("gives what may be published and what arrives", () => {
    // types alone: a list is one, a map is a Map, a required message is there
    const made = arbitrary(Presence).map((message) => message.requiredMessage.name.length + message.otherRight.length);
    expect(fc.sample(made, 1)).toHaveLength(1);
  });
});

describe("examples", { timeout: 180_000 }, () => {
  it.each(contracts)("are valid messages of $typeName", ({ contract }) => {
    for (const message of examples(contract, { count: 20 })) expect(contract.validate(message)).toEqual([]);
  });

  it("are the same for the same seed and time", () => {
    const now = new Date("2026-01-01T00:00:00Z");
    expect(examples(Times, { count: 3, now })).toEqual(examples(Times, { count: 3, now }));
    expect(examples(Texts, { seed: 2 })).not.toEqual(examples(Texts, { seed: 3 }));
  });

  it("read like what people write", () => {
    expect(examples(Formats)[0]).toMatchObject({
      email: expect.stringMatching(/^\w+@example\.(?:com|org|net)$/),
      hostname: expect.stringMatching(/example/),
    });
    expect(examples(Collections)[0]?.items[0]).toMatch(/^[a-z]+$/);
  });
});

describe("arbitraryInvalid", { timeout: 180_000 }, () => {
  it.each(contracts.filter(({ contract }) => contract !== Everything))(
    "breaks each rule of $typeName alone, in both back ends",
    ({ contract, typeName }) => {
      for (const wanted of breakableRules(contract)) {
        fc.assert(
          fc.property(arbitraryInvalid(contract, wanted), ({ message, violation }) => {
            expect(violation.rule).toBe(wanted.rule);
            expect(asText(contract.validate(message))).toEqual([`${violation.path}: ${violation.rule}`]);
            expect(asText(closures.validate(typeName, message))).toEqual([`${violation.path}: ${violation.rule}`]);
          }),
          { numRuns: 5 },
        );
      }
    },
  );

  it("finds the rules of items, keys, entries, groups and messages within", () => {
    expect(breakable(Collections)).toEqual(
      expect.arrayContaining([
        "unique: repeated.unique",
        "items: string.min_len",
        "keys: string.max_len",
        "pairs: map.max_pairs",
        "nested.name: string.max_len",
      ]),
    );
    expect(breakable(Presence)).toEqual(expect.arrayContaining([": message.oneof", "requiredMessage: required", "mayText: string.max_len"]));
    expect(breakable(Numbers)).toHaveLength(22);
  });

  it("breaks expressions, of messages and of items", () => {
    const rules = breakable(shop.contract("shop.v1.Order"));
    expect(rules).toEqual(
      expect.arrayContaining([
        ": order.discount",
        "sizes: sizes.even",
        "labels: string.min_len",
        "labels: map.min_pairs",
        "lines: repeated.min_items",
      ]),
    );
    // what is too short for one rule is no UUID either
    expect(rules).toContain("lines.sku: string.uuid");
    expect(rules).not.toContain("lines.sku: string.min_len");
  });

  it("says what can be broken where what is asked for cannot", () => {
    expect(() => arbitraryInvalid(shop.contract("shop.v1.Line"), { path: "sku", rule: "string.min_len" })).toThrow(
      "no shop.v1.Line was found that breaks the rule string.min_len of sku alone; what can be broken is sku: string.uuid",
    );
  });
});
