import { describe, expect, it } from "vitest";
import { Visibility } from "./visibility.js";

describe("Visibility", () => {
  it("sees what had committed, and nothing that was in progress or came later", () => {
    const snapshot = new Visibility("100:105:101,103");
    expect([99, 100, 101, 102, 103, 104, 105, 106].filter((xid) => snapshot.sees(xid))).toEqual([99, 100, 102, 104]);
  });

  it("tells transactions by their low 32 bits, also around the end of them", () => {
    const snapshot = new Visibility(`${2n ** 32n - 2n}:${2n ** 32n + 3n}:${2n ** 32n + 1n}`);
    expect([2 ** 32 - 3, 2 ** 32 - 1, 0, 1, 2, 3].filter((xid) => snapshot.sees(xid))).toEqual([2 ** 32 - 3, 2 ** 32 - 1, 0, 2]);
  });
});
