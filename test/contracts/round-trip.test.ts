import { isDeepStrictEqual } from "node:util";
import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Everything, type EverythingInit } from "./gen/everything/v1/everything.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import { type Loose, toEsMessage } from "./support/es-message.js";

let desc: DescMessage;

beforeAll(async () => {
  desc = messageOf(await loadRegistry(), "everything.v1.Everything");
});

/** In plain bytes, of which the other implementation makes plain bytes again. */
const decodeElsewhere = (message: Loose): Message => fromBinary(desc, new Uint8Array(Everything.encode(message as EverythingInit)));

/** Fails with both sides where they are not the same, NaN and -0 included. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
}

describe("Contract of every feature", () => {
  it("encodes what it accepts to what another implementation decodes to the same value, and decodes what that encodes", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), (message) => {
        expect(Everything.validate(message)).toEqual([]);
        const theirs = toEsMessage(desc, message);
        expectSame(decodeElsewhere(message), theirs);

        const ours: Loose = { ...Everything.decode(toBinary(desc, theirs)) };
        expectSame(toEsMessage(desc, ours), theirs);
        expect(Everything.validate(ours)).toEqual([]);
        expectSame(decodeElsewhere(ours), theirs);
      }),
      { numRuns: 10_000 },
    );
  });
});
