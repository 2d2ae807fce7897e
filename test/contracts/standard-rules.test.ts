import { type DescMessage, type FileRegistry, ScalarType } from "@bufbuild/protobuf";
import { createValidator } from "@bufbuild/protovalidate";
import type { AnyContract } from "@org/bus-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Patterns } from "./gen/rules/v1/patterns.js";
import { Bytes, Collections, Formats, Numbers, Presence, Texts, Times } from "./gen/rules/v1/rules.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import type { Loose } from "./support/es-message.js";
import { verdictElsewhere as askElsewhere, standardVerdict as verdict } from "./support/standard-violations.js";
import { textsNearPatterns, valuesNearBounds } from "./support/values-near-bounds.js";

let registry: FileRegistry;
const validator = createValidator();

beforeAll(async () => {
  registry = await loadRegistry();
});

const verdictElsewhere = (desc: DescMessage, message: Loose): readonly string[] | "unevaluable" => askElsewhere(validator, desc, message);

/** Whether one of `found` is of `rule` in the field called `name`. */
const isFound = (found: readonly string[], name: string, rule: string): boolean =>
  found.some((violation) => violation.includes(`"fieldName":"${name}"`) && violation.includes(`"ruleId":"${rule}"`));

describe("the standard rules", { timeout: 180_000 }, () => {
  it.each([Numbers, Texts, Formats, Bytes, Collections, Presence, Times].map((contract: AnyContract) => ({ contract, typeName: contract.typeName })))(
    "find in $typeName what another implementation of them finds",
    ({ contract, typeName }) => {
      const desc = messageOf(registry, typeName);
      const seen = new Set<string>();
      fc.assert(
        fc.property(arbitraryMessage(desc, valuesNearBounds), (message) => {
          const found = verdict(contract, message);
          for (const one of found) seen.add(one);
          expect(found).toEqual(verdictElsewhere(desc, message));
        }),
        { numRuns: 1000 },
      );
      expect(seen.size).toBeGreaterThan(10);
    },
  );

  it("match in JavaScript what RE2 matches", () => {
    const desc = messageOf(registry, Patterns.typeName);
    const matched = new Set<string>();
    fc.assert(
      fc.property(textsNearPatterns, (text) => {
        const message = Object.fromEntries(
          desc.fields.filter(({ scalar }) => scalar === ScalarType.STRING).map(({ localName }) => [localName, text]),
        );
        const found = verdict(Patterns, message);
        for (const { name } of desc.fields) if (!isFound(found, name, "string.pattern")) matched.add(name);
        expect(found).toEqual(verdictElsewhere(desc, message));
      }),
      { numRuns: 2000 },
    );
    expect(matched.size).toBeGreaterThan(desc.fields.length - 10);
  });

  it("match bytes that are text, and cannot tell of others", () => {
    expect(isFound(verdict(Patterns, { textBytes: new TextEncoder().encode("aé") }), "text_bytes", "bytes.pattern")).toBe(false);
    expect(isFound(verdict(Patterns, { textBytes: Uint8Array.of(0xff) }), "text_bytes", "bus.unevaluable")).toBe(true);
  });
});
