import { isDeepStrictEqual } from "node:util";
import {
  create,
  type DescExtension,
  type DescMessage,
  type FileRegistry,
  fromBinary,
  getExtension,
  setExtension,
  toBinary,
} from "@bufbuild/protobuf";
import fc from "fast-check";
import { beforeAll, describe, expect, expectTypeOf, it } from "vitest";
import { Legacy, type LegacyInit, LittleLegacy, Parcel, Suit } from "./gen/everything/v1/legacy.js";
import { Modern, type ModernInit, Tint } from "./gen/everything/v1/modern.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import { toEsMessage } from "./support/es-message.js";

let registry: FileRegistry;

beforeAll(async () => {
  registry = await loadRegistry();
});

function extensionOf(typeName: string): DescExtension {
  const extension = registry.getExtension(typeName);
  if (extension === undefined) throw new Error(`no extension ${typeName}`);
  return extension;
}

const least: LegacyInit = { id: 1, suit: Suit.HEARTS, part: { size: 2 } };

describe("a message of proto2", () => {
  it("is undefined where a field is absent, whatever its default", () => {
    const decoded = Legacy.decode(Legacy.encode(least));
    expect(decoded).toMatchObject({ id: 1, suit: Suit.HEARTS, part: { size: 2, inner: undefined } });
    expect([decoded.int32Value, decoded.stringValue, decoded.optionalSuit, decoded.boolValue]).toEqual([undefined, undefined, undefined, undefined]);
    expect(Legacy.decode(Legacy.encode({ ...least, int32Value: 0, stringValue: "" }))).toMatchObject({ int32Value: 0, stringValue: "" });
  });

  it("has what is required, in its types too", () => {
    expectTypeOf<Legacy["id"]>().toEqualTypeOf<number>();
    expectTypeOf<LegacyInit["id"]>().toEqualTypeOf<number>();
    expectTypeOf<Legacy["suit"]>().toEqualTypeOf<Suit>();
    expectTypeOf<Legacy["int32Value"]>().toEqualTypeOf<number | undefined>();
    expect(Legacy.validate({ id: 1, parts: [{ size: 1 }, {}] }).map(({ path, rule, message }) => `${path}: ${rule}: ${message}`)).toEqual([
      "suit: legacy_required: is required: without it no decoder takes the message",
      "part: legacy_required: is required: without it no decoder takes the message",
      "parts[1].size: legacy_required: is required: without it no decoder takes the message",
    ]);
  });

  it("is refused by the decoder where something required is missing in the end", () => {
    // { id: 1, suit: HEARTS, part: {} }
    const incomplete = [8, 1, 16, 3, 26, 0];
    expect(() => Legacy.decode(Uint8Array.from(incomplete))).toThrow("bytes are no everything.v1.Legacy: part.size must be there, at byte 6");
    expect(() => Legacy.decode(new Uint8Array())).toThrow("id, and 2 more, must be there");
    // the second occurrence of part brings what the first lacks, and a oneof forgets a message that lacks something
    expect(Legacy.decode(Uint8Array.from([...incomplete, 26, 2, 8, 5]))).toMatchObject({ part: { size: 5 } });
    const forgotten = [0x82, 0x04, 0, 0xea, 0x03, 1, 0x61];
    expect(Legacy.decode(Uint8Array.from([...incomplete, 26, 2, 8, 5, ...forgotten])).choice).toEqual({ case: "textChoice", value: "a" });
  });

  it("takes the values of a closed enum only", () => {
    expect(Legacy.validate({ ...least, suit: 9 }).map(({ path, rule }) => `${path}: ${rule}`)).toEqual(["suit: enum.undeclared"]);
    expect(Legacy.validate({ ...least, suits: [9, "a"] }).map(({ path, rule }) => `${path}: ${rule}`)).toEqual([
      "suits[0]: enum.undeclared",
      "suits[1]: type",
    ]);
  });

  it("keeps extensions, and messages in the form of a message set", () => {
    const [number, texts, part, group] = ["extra_int32", "extra_strings", "extra_part", "extragroup"].map((name) =>
      extensionOf(`everything.v1.${name}`),
    );
    const theirs = toEsMessage(messageOf(registry, Legacy.typeName), { ...least });
    const partDesc = messageOf(registry, "everything.v1.Legacy.Part");
    const groupDesc = messageOf(registry, "everything.v1.ExtraGroup");
    const set = (extension: DescExtension | undefined, value: unknown): void => setExtension(theirs as never, extension as never, value as never);
    set(number, -5);
    set(texts, ["a", "b"]);
    set(part, create(partDesc, { size: 7 } as never));
    set(group, create(groupDesc, { number: 8 } as never));
    const ours = Legacy.decode(toBinary(messageOf(registry, Legacy.typeName), theirs));
    expect(Legacy.validate(ours)).toEqual([]);
    const returned = fromBinary(messageOf(registry, Legacy.typeName), new Uint8Array(Legacy.encode({ ...ours, int32Value: 3 })));
    expect([number, texts].map((extension) => getExtension(returned as never, extension as never))).toEqual([-5, ["a", "b"]]);
    expect(getExtension(returned as never, part as never)).toMatchObject({ size: 7 });
    expect(getExtension(returned as never, group as never)).toMatchObject({ number: 8 });

    // group Item = 1 { required int32 type_id = 2; required bytes message = 3; }
    const messageSet = Uint8Array.from([0x0b, 0x10, 0xd2, 0x09, 0x1a, 3, 0x0a, 1, 0x61, 0x0c]);
    expect([...Parcel.encode(Parcel.decode(messageSet))]).toEqual([...messageSet]);
  });
});

describe("values that a closed enum does not declare", { timeout: 180_000 }, () => {
  it("pass through a service with an older contract, and are absent there", () => {
    const desc: DescMessage = messageOf(registry, Legacy.typeName);
    fc.assert(
      fc.property(arbitraryMessage(desc), (message) => {
        // it was made for the type
        const bytes = Legacy.encode(message as never);
        const passing = LittleLegacy.decode(bytes);
        expect(LittleLegacy.validate(passing)).toEqual([]);
        const returned = Legacy.decode(LittleLegacy.encode(passing));
        const before = Legacy.decode(bytes);
        // what is unknown is written first, so that lists have another order
        for (const list of ["suits", "packedSuits"] as const) for (const side of [returned, before]) side[list].sort();
        for (const side of [returned, before]) side.suitByText = new Map([...side.suitByText].sort());
        if (!isDeepStrictEqual(returned, before)) expect(returned).toStrictEqual(before);
      }),
      { numRuns: 2000 },
    );
  });

  it("give way to what the service sets", () => {
    const passing = LittleLegacy.decode(Legacy.encode({ ...least, suit: Suit.CLUBS, choice: { case: "suitChoice", value: Suit.NONE } }));
    expect(passing).toMatchObject({ suit: undefined, choice: undefined });
    const changed = LittleLegacy.encode({ ...passing, suit: 3, choice: { case: "textChoice", value: "a" } });
    expect(Legacy.decode(changed)).toMatchObject({ suit: Suit.HEARTS, choice: { case: "textChoice", value: "a" } });
  });
});

describe("a message of an edition", () => {
  const message: ModernInit = { requiredString: "a" };

  it("has the presence that its features say", () => {
    expectTypeOf<Modern["explicitInt32"]>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Modern["implicitInt32"]>().toEqualTypeOf<number>();
    expectTypeOf<Modern["requiredString"]>().toEqualTypeOf<string>();
    expectTypeOf<Modern["tint"]>().toEqualTypeOf<Tint | undefined>();
    const decoded = Modern.decode(Modern.encode({ ...message, explicitInt32: 0, implicitInt32: 0 }));
    expect(decoded).toMatchObject({ explicitInt32: 0, implicitInt32: 0, stringValue: undefined });
    expect([...Modern.encode({ ...message, implicitInt32: 0 })]).toEqual([...Modern.encode(message)]);
    expect(() => Modern.decode(new Uint8Array())).toThrow("requiredString must be there");
  });

  it("reads text that is no UTF-8 where it says so, and refuses it elsewhere", () => {
    const text = (tag: number): Uint8Array => Uint8Array.from([...Modern.encode(message), tag, 2, 0x61, 0xff]);
    expect(Modern.decode(text(0x2a)).uncheckedString).toBe("a\ufffd");
    expect(() => Modern.decode(text(0x22))).toThrow("a text is no UTF-8");
    expect(Modern.validate({ ...message, uncheckedString: "\ud800" }).map(({ rule }) => rule)).toEqual(["utf8"]);
  });

  it("reads lists in either form", () => {
    const lists = [0x5a, 2, 1, 2, 0x58, 3, 0x62, 2, 4, 5, 0x60, 6, 0x6a, 3, 1, 9, 2];
    const decoded = Modern.decode(Uint8Array.from([...Modern.encode(message), ...lists]));
    expect(decoded).toMatchObject({ packedInt32s: [1, 2, 3], expandedInt32s: [4, 5, 6], tints: [Tint.LIGHT, Tint.DARK] });
    // the 9 that Tint does not declare, then packed, expanded, packed
    expect([...Modern.encode(decoded)]).toEqual([0x68, 9, 0x1a, 1, 0x61, 0x5a, 3, 1, 2, 3, 0x60, 4, 0x60, 5, 0x60, 6, 0x6a, 2, 1, 2]);
  });

  it("writes messages between tags where it says so", () => {
    expect([...Modern.encode({ ...message, leaves: [{ name: "b" }], leaf: { name: "b" } })]).toEqual([
      0x1a, 1, 0x61, 0xb3, 1, 0x0a, 1, 0x62, 0xb4, 1, 0xba, 1, 3, 0x0a, 1, 0x62,
    ]);
  });
});
