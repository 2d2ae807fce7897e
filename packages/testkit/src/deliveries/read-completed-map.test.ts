import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readCompletedMap } from "./read-completed-map.js";

const metadata = (form: string, ...bytes: number[]) => `bus1${form}${Buffer.from(bytes).toString("base64")}`;
const read = (offset: number, text: string) => [...readCompletedMap({ offset, metadata: text })];

describe("readCompletedMap", () => {
  it("reads runs: open, settled, open, settled", () => {
    expect(read(5, metadata("r", 5, 2, 3, 1, 1))).toEqual([7, 8, 9, 11]);
    expect(read(300, metadata("r", 0xac, 2, 0, 1))).toEqual([300]);
  });

  it("reads bits, the lowest first", () => {
    expect(read(5, metadata("b", 5, 0b101, 0b1))).toEqual([5, 7, 13]);
  });

  it("reads what is compressed", () => {
    const runs = deflateRawSync(Uint8Array.from([2, 3, 1, 1]));
    expect(read(5, metadata("R", 5, ...runs))).toEqual([7, 8, 9, 11]);
  });

  it("takes nothing from a map of another offset, nor from what others write", () => {
    expect(read(6, metadata("r", 5, 2, 3))).toEqual([]);
    for (const other of ["", "node-7", "bus2rAAEB", "bus1"]) expect(read(0, other)).toEqual([]);
  });
});
