import { describe, expect, it } from "vitest";
import { bytesKey, implicitIntegerKey, integerKey, textKey } from "./record-key.js";

const textOf = (key: Uint8Array | null): string | null => (key === null ? null : Buffer.from(key).toString("latin1"));

describe("record keys", () => {
  it("are the UTF-8 of a text, none where it is empty or absent", () => {
    expect(textKey("é")).toEqual(Buffer.from([0xc3, 0xa9]));
    expect([textKey(""), textKey(undefined)]).toEqual([null, null]);
  });

  it("are the decimal form of an integer", () => {
    expect([integerKey(-5), integerKey(2n ** 64n - 1n), integerKey("7")].map(textOf)).toEqual(["-5", "18446744073709551615", "7"]);
    expect(integerKey(undefined)).toBeNull();
    expect([implicitIntegerKey(undefined), implicitIntegerKey(0)].map(textOf)).toEqual(["0", "0"]);
  });

  it("are bytes as they are", () => {
    expect(bytesKey(Uint8Array.of(0, 255))).toEqual(Uint8Array.of(0, 255));
    expect([bytesKey(new Uint8Array()), bytesKey(undefined)]).toEqual([null, null]);
  });
});
