import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "./base64.js";
import { formatFieldMask, parseFieldMask } from "./field-mask-text.js";
import { parseInteger } from "./integers.js";
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp } from "./time-text.js";

describe("parseInteger", () => {
  it("takes every way to write an integer, and nothing else", () => {
    const digits = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n });
    fc.assert(
      fc.property(digits, fc.nat(30), fc.nat(5), (value, shift, zeros) => {
        expect(parseInteger(String(value))).toBe(value);
        expect(parseInteger(`${value}.${"0".repeat(zeros + 1)}e0`)).toBe(value);
        const text = `${value}e-${shift}`;
        const divisor = 10n ** BigInt(shift);
        expect(parseInteger(text)).toBe(value % divisor === 0n ? value / divisor : undefined);
      }),
    );
    expect(["1.5e1", "1e3", "-0", "0.0", "0e999999"].map(parseInteger)).toEqual([15n, 1000n, 0n, 0n, 0n]);
    expect(["1.5", "1e-1", "1e999999", "1e9999999999", "-1e400", "", "+1", "01", "1.", ".5", "0x1", " 1", "1 "].map(parseInteger)).toEqual(
      Array(13).fill(undefined),
    );
  });
});

describe("base64", () => {
  it("comes back, in either alphabet and without padding too", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64(bytes);
        for (const form of [text, text.replace(/=+$/, ""), text.replaceAll("+", "-").replaceAll("/", "_")]) expect(fromBase64(form)).toEqual(bytes);
      }),
    );
  });

  it("is refused where it is none", () => {
    for (const text of ["a", "YQ=", "YQ===", "Y Q", "YQ==YQ==", "=", "ä"]) expect(fromBase64(text)).toBeUndefined();
  });
});

describe("times", () => {
  it("come back", () => {
    const nanos = fc.oneof(fc.integer({ min: 0, max: 999_999_999 }), fc.constantFrom(0, 1000, 1_000_000, 120_000_000, 999_999_000));
    fc.assert(
      fc.property(fc.bigInt({ min: -62135596800n, max: 253402300799n }), nanos, (seconds, nanos) => {
        expect(parseTimestamp(formatTimestamp({ seconds, nanos }) ?? "")).toEqual({ seconds, nanos });
        const text = formatTimestamp({ seconds, nanos: 0 }) ?? "";
        expect(Date.parse(text)).toBe(Number(seconds) * 1000);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 315_576_000_000n }), nanos, fc.boolean(), (seconds, nanos, isNegative) => {
        const span = isNegative ? { seconds: -seconds, nanos: nanos === 0 ? 0 : -nanos } : { seconds, nanos };
        expect(parseDuration(formatDuration(span) ?? "")).toEqual(span);
      }),
    );
  });

  it("are written with as few digits as hold them: none, 3, 6 or 9", () => {
    expect([0, 500_000_000, 1000, 1, 120].map((nanos) => formatDuration({ seconds: 0n, nanos }))).toEqual([
      "0s",
      "0.500s",
      "0.000001s",
      "0.000000001s",
      "0.000000120s",
    ]);
    expect(formatTimestamp({ seconds: -1n, nanos: 1 })).toBe("1969-12-31T23:59:59.000000001Z");
  });

  it("may have an offset, and are refused where there is no such time", () => {
    expect(parseTimestamp("1970-01-01T01:00:00.5+01:00")).toEqual({ seconds: 0n, nanos: 500_000_000 });
    expect(parseTimestamp("0001-01-01T00:00:00Z")?.seconds).toBe(-62135596800n);
    const times = [
      ["2021-02-29T00:00:00Z", "2021-13-01T00:00:00Z", "2021-01-01T24:00:00Z", "2021-01-01T00:60:00Z", "2016-12-31T23:59:60Z"],
      ["2021-01-01t00:00:00Z", "2021-01-01T00:00:00z", "2021-01-01 00:00:00Z", "2021-01-01T00:00:00", "2021-1-1T00:00:00Z"],
      ["2021-01-01T00:00:00.1234567890Z", "2021-01-01T00:00:00.Z", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-00:01", "0000-01-01T00:00:00Z"],
    ].flat();
    for (const text of times) expect([text, parseTimestamp(text)]).toEqual([text, undefined]);
    for (const text of ["1", "1.s", "-s", "1.0000000001s", "315576000001s", "1S", " 1s", "+1s", "1e2s"]) expect(parseDuration(text)).toBeUndefined();
    expect(formatTimestamp({ seconds: 253402300800n, nanos: 0 })).toBeUndefined();
    expect(formatDuration({ seconds: 1n, nanos: -1 })).toBeUndefined();
  });
});

describe("field masks", () => {
  it("come back, or are refused", () => {
    expect(formatFieldMask(["foo_bar", "a.b_c"])).toBe("fooBar,a.bC");
    expect(parseFieldMask("fooBar,a.bC")).toEqual(["foo_bar", "a.b_c"]);
    expect([formatFieldMask([]), parseFieldMask("")]).toEqual(["", []]);
    for (const path of ["fooBar", "foo__bar", "foo_3", "foo_", "a,b", ""]) expect(formatFieldMask([path])).toBeUndefined();
    for (const text of ["foo_bar", "a,", ",", "a,,b"]) expect(parseFieldMask(text)).toBeUndefined();
  });
});
