import { describe, expect, test } from "vitest";
import { discrepancies } from "../src/report/result.js";

const airport = { flights: 2, delayedFlights: 1, totalDelayMinutes: 20, longestDelayMinutes: 19 };
const row = { ...airport, origin: "ATL", meanDelayMinutes: 10, deviationMinutes: 9, squaredDistances: 162, lastOffset: 1 };

describe("discrepancies", () => {
  test("are none where the table says what the file says", () => {
    expect(discrepancies({ airports: [row] }, new Map([["ATL", airport]]))).toEqual([]);
  });

  test("name every figure that the file does not bear out", () => {
    const airports = [
      { ...row, flights: 3, longestDelayMinutes: 20 },
      { ...row, origin: "LAX", meanDelayMinutes: 11 },
      { ...row, origin: "ZZZ" },
    ];
    const expected = new Map([
      ["ATL", airport],
      ["LAX", airport],
      ["ORD", airport],
    ]);
    expect(discrepancies({ airports }, expected)).toEqual([
      "ATL: flights 3, but the file says 2",
      "ATL: longestDelayMinutes 20, but the file says 19",
      "LAX: mean 11, but the file says 10",
      "ORD: flights none, but the file says 2",
      "ORD: delayedFlights none, but the file says 1",
      "ORD: totalDelayMinutes none, but the file says 20",
      "ORD: longestDelayMinutes none, but the file says 19",
      "ZZZ: flights 2, but the file says none",
      "ZZZ: delayedFlights 1, but the file says none",
      "ZZZ: totalDelayMinutes 20, but the file says none",
      "ZZZ: longestDelayMinutes 19, but the file says none",
    ]);
  });
});
