import { describe, expect, it } from "vitest";
import type { AnyContract } from "../../contract/contract.js";
import type { IncomingRecord } from "../../transport/record.js";
import { decodeRecord } from "./decode-record.js";

const contract = { typeName: "lab.v1.Reading", topic: { cleanup: "delete" }, decode: () => "decoded" } as unknown as AnyContract; // all that it asks
const record = (more: Partial<IncomingRecord>): IncomingRecord => ({
  topic: "lab.readings",
  partition: 0,
  offset: 0,
  key: null,
  value: new Uint8Array(),
  headers: {},
  timestamp: 0,
  ...more,
});
const typed = (type: string) => record({ headers: { "bus-message-type": Buffer.from(type) } });

describe("decodeRecord", () => {
  it("decodes records of the type of the contract, and those that name none", () => {
    expect(decodeRecord(typed("lab.v1.Reading"), contract)).toBe("decoded");
    expect(decodeRecord(record({}), contract)).toBe("decoded");
  });

  it("refuses a record of another type, whatever its bytes would decode to", () => {
    expect(() => decodeRecord(typed("lab.v1.Other"), contract)).toThrow(
      expect.objectContaining({
        code: "malformed_message",
        message: "the record is a lab.v1.Other, and topic lab.readings carries lab.v1.Reading only",
      }),
    );
    expect(() => decodeRecord(typed("x".repeat(1_000_000)), contract)).toThrow(`the record is a ${"x".repeat(99)}…, and topic`);
  });

  it("takes a null value for a tombstone where the topic is compacted only", () => {
    const compacted = { ...contract, topic: { cleanup: "compact" } } as AnyContract;
    expect(decodeRecord(record({ value: null }), compacted)).toBeUndefined();
    expect(() => decodeRecord(record({ value: null }), contract)).toThrow("a null value is a tombstone");
  });
});
