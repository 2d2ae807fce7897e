import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timestampFromDate, timestampToDate, toNanos } from "./timestamp.js";

describe("timestampToDate", () => {
  it("takes back what timestampFromDate made of any date", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), (date) => {
        expect(timestampToDate(timestampFromDate(date))).toEqual(date);
      }),
    );
  });

  it("cuts off what is finer than a millisecond", () => {
    expect(timestampToDate({ seconds: -1n, nanos: 999_999_999 }).getTime()).toBe(-1);
  });
});

describe("timestampFromDate", () => {
  it("has nanoseconds that add, also before 1970", () => {
    expect(timestampFromDate(new Date(-1))).toEqual({ seconds: -1n, nanos: 999_000_000 });
  });
});

describe("toNanos", () => {
  it("is the same for a date and its timestamp", () => {
    const date = new Date(-1234567);
    expect(toNanos(date)).toBe(-1_234_567_000_000n);
    expect(toNanos(timestampFromDate(date))).toBe(toNanos(date));
  });
});
