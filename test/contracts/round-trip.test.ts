import { isDeepStrictEqual } from "node:util";
import { type DescMessage, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Everything, type EverythingInit } from "./gen/everything/v1/everything.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import { type Loose, propertyOf, toEsMessage } from "./support/es-message.js";

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

// thousands of messages, on machines that do other things as well
const timeoutMs = 180_000;

describe("Contract of every feature", { timeout: timeoutMs }, () => {
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

  it("merges messages that are written one after the other, as others do", () => {
    fc.assert(
      fc.property(arbitraryMessage(desc), arbitraryMessage(desc), (first, second) => {
        const bytes = new Uint8Array(Buffer.concat([first, second].map((message) => Everything.encode(message as EverythingInit))));
        expectSame(toEsMessage(desc, { ...Everything.decode(bytes) }), fromBinary(desc, bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it("accepts nothing that others would decode to something else, whatever stands in a field", () => {
    const names = desc.members.map(({ localName }) => propertyOf(localName));
    let accepted = 0;
    fc.assert(
      fc.property(arbitraryMessage(desc), fc.constantFrom(...names), arbitraryJunk, (message, name, junk) => {
        const damaged = { ...message, [name]: junk };
        if (Everything.validate(damaged).length > 0) return;
        accepted++;
        const decoded = decodeElsewhere(damaged);
        expectSame(decoded, toEsMessage(desc, damaged));
        expectSame(fromBinary(desc, toBinary(desc, decoded)), decoded);
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});

/** Values of which few fit a given field. */
const arbitraryJunk = fc.oneof(
  fc.constantFrom(
    undefined,
    null,
    Number.NaN,
    -0,
    2 ** 53,
    -1,
    1.5,
    99,
    "",
    "\ud800",
    2n ** 64n,
    -1n,
    5n,
    true,
    [],
    {},
    new Map(),
    new Uint8Array(2),
  ),
  fc.constantFrom(
    [undefined],
    [null],
    ["\udc00"],
    [1],
    [2n],
    [[]],
    { case: "textChoice", value: "a" },
    { case: "moneyChoice", value: { amount: 1n } },
  ),
  fc.constantFrom(
    { seconds: 1n, nanos: 5 },
    new Date(0),
    { currency: "EUR" },
    { name: "a" },
    { a: "b" },
    new Map([[1, 2]]),
    new Map([[1n, new Uint8Array(1)]]),
  ),
  fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true, withSparseArray: true }),
);
