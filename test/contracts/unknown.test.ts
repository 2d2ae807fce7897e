import { isDeepStrictEqual } from "node:util";
import { type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Color, Everything, Little, type LittleInit } from "./gen/everything/v1/everything.js";
import { arbitraryMessage } from "./support/arbitrary-message.js";
import { loadRegistry, messageOf } from "./support/descriptors.js";
import { toEsMessage } from "./support/es-message.js";

let everything: DescMessage;

beforeAll(async () => {
  everything = messageOf(await loadRegistry(), "everything.v1.Everything");
});

describe("what a contract does not know", { timeout: 180_000 }, () => {
  it("passes through a service with an older contract unchanged: fields, also nested ones, and enum values", () => {
    fc.assert(
      fc.property(arbitraryMessage(everything), (message) => {
        const theirs = toEsMessage(everything, message);
        const passing = Little.decode(toBinary(everything, theirs));
        expect(Little.validate(passing)).toEqual([]);
        const returned = fromBinary(everything, new Uint8Array(Little.encode(passing)));
        if (!isDeepStrictEqual(returned, theirs)) expect(returned).toStrictEqual(theirs);
      }),
      { numRuns: 2000 },
    );
  });

  const red = Little.decode(Everything.encode({ color: Color.RED, int32Value: 5, colors: [Color.GREEN] }));

  it("stays with a copy that a spread makes", () => {
    const changed: LittleInit = { ...red, stringValue: "changed" };
    expect(Little.validate(changed)).toEqual([]);
    expect(Everything.decode(Little.encode(changed))).toMatchObject({
      stringValue: "changed",
      color: Color.RED,
      int32Value: 5,
      colors: [Color.GREEN],
    });
  });

  it("does not go over to another type", () => {
    const other = { ...red, color: Color.RED };
    expect(Everything.validate(other).map(({ path }) => path)).toEqual([]);
    expect(Everything.decode(Everything.encode({ ...other, colors: [] })).int32Value).toBe(0);
  });

  it("refuses undeclared enum values that were not decoded, in that field of that message", () => {
    expect(Little.validate({ color: 1 })).toEqual([
      { path: "color", rule: "enum.undeclared", message: "must be a declared value of its enum, is 1" },
    ]);
    expect(Little.validate({ ...red, color: 2 }).map(({ path }) => path)).toEqual(["color"]);
    expect(Little.validate({ ...red, colors: [1] }).map(({ path }) => path)).toEqual(["colors[0]"]);
  });

  it("cannot be forged", () => {
    const [symbol] = Object.getOwnPropertySymbols(red);
    const forged = { [symbol ?? ""]: { write: () => undefined } };
    expect(Array.from(Little.encode(forged))).toEqual([]);
  });
});
