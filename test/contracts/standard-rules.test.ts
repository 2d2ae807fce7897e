import { type DescMessage, type FileRegistry, ScalarType } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import { createValidator } from "@bufbuild/protovalidate";
import type { AnyContract } from "@org/bus-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Patterns } from "./gen/rules/v1/patterns.js";
import { Bytes, Collections, Formats, Numbers, Presence, Texts, Times } from "./gen/rules/v1/rules.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import { type Loose, toEsMessage } from "./support/es-message.js";
import { textsNearPatterns, valuesNearBounds } from "./support/values-near-bounds.js";

let registry: FileRegistry;
const validator = createValidator();

beforeAll(async () => {
  registry = await loadRegistry();
});

/** What the other implementation of the rules finds, as `path: rule`. */
function verdictElsewhere(desc: DescMessage, message: Loose): readonly string[] {
  const result = validator.validate(desc, toEsMessage(desc, message));
  if (result.kind === "error") throw result.error;
  return (result.violations ?? []).map(({ field, ruleId }) => `${ourPath(field)}: ${ruleId}`).sort();
}

/** The path as we write it: with the names of TypeScript, and keys of maps in JSON. */
function ourPath(path: Path): string {
  const parts = path.map((part) => {
    switch (part.kind) {
      case "list_sub":
        return `[${part.index}]`;
      case "map_sub":
        return `[${typeof part.key === "string" ? JSON.stringify(part.key) : part.key}]`;
      case "extension":
        return `.${part.typeName}`;
      default:
        return `.${part.localName}`;
    }
  });
  return parts.join("").replace(/^\./, "");
}

const verdict = (contract: AnyContract, message: Loose): readonly string[] =>
  contract
    .validate(message)
    .map(({ path, rule }) => `${path}: ${rule}`)
    .sort();

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
        for (const { localName } of desc.fields) if (!found.includes(`${localName}: string.pattern`)) matched.add(localName);
        expect(found).toEqual(verdictElsewhere(desc, message));
      }),
      { numRuns: 2000 },
    );
    expect(matched.size).toBeGreaterThan(desc.fields.length - 10);
  });

  it("match bytes that are text, and refuse others", () => {
    expect(verdict(Patterns, { textBytes: new TextEncoder().encode("aé") })).not.toContain("textBytes: bytes.pattern");
    expect(verdict(Patterns, { textBytes: Uint8Array.of(0xff) })).toContain("textBytes: bytes.pattern");
  });
});
