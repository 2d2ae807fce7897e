import { isDeepStrictEqual } from "node:util";
import { type DescMessage, type FileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { Contract } from "@org/bus-core";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Everything } from "./gen/everything/v1/everything.js";
import { Latest } from "./gen/everything/v1/latest.js";
import { Legacy } from "./gen/everything/v1/legacy.js";
import { Modern } from "./gen/everything/v1/modern.js";
import { arbitraryJunk } from "./support/arbitrary-junk.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import { type Loose, propertyOf, toEsMessage } from "./support/es-message.js";

let registry: FileRegistry;

beforeAll(async () => {
  registry = await loadRegistry();
});

/** Fails with both sides where they are not the same, NaN and -0 included. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

// thousands of messages, on machines that do other things as well
const timeoutMs = 180_000;

describe.each<{ readonly contract: Contract; readonly dialect: string; readonly runs: number }>([
  { contract: Everything, dialect: "proto3", runs: 10_000 },
  { contract: Legacy, dialect: "proto2", runs: 10_000 },
  { contract: Modern, dialect: "edition 2023", runs: 10_000 },
  { contract: Latest, dialect: "edition 2024", runs: 2_000 },
])("Contract of every feature of $dialect", { timeout: timeoutMs }, ({ contract, runs }) => {
  let desc: DescMessage;

  beforeAll(() => {
    desc = messageOf(registry, contract.typeName);
  });

  /** In plain bytes, of which the other implementation makes plain bytes again. */
  const encode = (message: Loose): Uint8Array => new Uint8Array(contract.encode(message));

  it("encodes what it accepts to what another implementation decodes to the same value, and decodes what that encodes", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), (message) => {
        expect(contract.validate(message)).toEqual([]);
        const theirs = toEsMessage(desc, message);
        expectSame(fromBinary(desc, encode(message)), theirs);

        const ours: Loose = { ...contract.decode(toBinary(desc, theirs)) };
        expectSame(toEsMessage(desc, ours), theirs);
        expect(contract.validate(ours)).toEqual([]);
        expectSame(fromBinary(desc, encode(ours)), theirs);
      }),
      { numRuns: runs },
    );
  });

  it("merges messages that are written one after the other, as others do", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), arbitraryMessage(desc), (first, second) => {
        const bytes = new Uint8Array(Buffer.concat([encode(first), encode(second)]));
        expectSame(toEsMessage(desc, { ...contract.decode(bytes) }), fromBinary(desc, bytes));
      }),
      { numRuns: runs / 5 },
    );
  });

  it("accepts nothing that others would decode to something else, whatever stands in a field", () => {
    const names = desc.members.map(({ localName }) => propertyOf(localName));
    let accepted = 0;
    fc.assert(
      fc.property(arbitraryMessage(desc), fc.constantFrom(...names), arbitraryJunk, (message, name, junk) => {
        const damaged = { ...message, [name]: junk };
        if (contract.validate(damaged).length > 0) return;
        accepted++;
        const decoded = fromBinary(desc, encode(damaged));
        expectSame(decoded, toEsMessage(desc, damaged));
        expectSame(fromBinary(desc, toBinary(desc, decoded)), decoded);
      }),
      { numRuns: runs / 2 },
    );
    expect(accepted).toBeGreaterThan(runs / 500);
  });
});
