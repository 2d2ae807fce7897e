import { expect, it } from "vitest";
import { constantHeaders, recordHeaders } from "./record-headers.js";

it("keeps a header of the caller whatever its name, and its own over those of the caller", () => {
  const own = JSON.parse('{ "__proto__": "a", "toString": "b", "bus-message-id": "c" }') as Record<string, string>;
  const headers = recordHeaders(constantHeaders("shop.v1.Order", "shop"), "1", own);
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  expect(Object.entries(headers).map(([name, value]) => [name, String(value)])).toEqual(
    expect.arrayContaining([
      ["__proto__", "a"],
      ["toString", "b"],
    ]),
  );
  expect(Object.values(headers).map(String)).toContain("1");
});
