import { describe, expect, it } from "vitest";
import type { PrintedEvent } from "../verifiable/events.js";
import { Ledger } from "./ledger.js";

let clock = 0;
const at = (offset: number, key = "a") => ({ topic: "t", partition: 0, offset, key, value: String(offset) });
const event = (name: "producer_send_success" | "record_started" | "record_data" | "record_failed", offset: number, key = "a"): PrintedEvent => ({
  timestamp: ++clock,
  name,
  ...at(offset, key),
});
const commit = (offset: number, success = true): PrintedEvent => ({
  timestamp: ++clock,
  name: "offsets_committed",
  offsets: [{ topic: "t", partition: 0, offset }],
  success,
});

const assigned = (): PrintedEvent => ({ timestamp: ++clock, name: "partitions_assigned", partitions: [{ topic: "t", partition: 0 }] });

/** Lines of members, such as `c1 start 3 b`: key `a` where there is none. */
function ledgerOf(...lines: readonly string[]): Ledger {
  const names = { ack: "producer_send_success", start: "record_started", data: "record_data", fail: "record_failed" } as const;
  const ledger = new Ledger();
  for (const line of lines) {
    const [member = "", what = "", offset = "", key] = line.split(" ");
    if (what === "died") ledger.died(member);
    else if (what === "assigned") ledger.add(member, assigned());
    else if (what === "commit") ledger.add(member, commit(Number(offset), key !== "failed"));
    else ledger.add(member, event(names[what as keyof typeof names], Number(offset), key));
  }
  return ledger;
}

const acked = ["p ack 0", "p ack 1 b", "p ack 2"];
const handledByOne = ["c1 start 0", "c1 data 0", "c1 start 1 b", "c1 start 2", "c1 data 2", "c1 data 1 b"];

describe("Ledger", () => {
  it("finds nothing where every promise was kept", () => {
    expect(ledgerOf(...acked, ...handledByOne, "c1 commit 3").report()).toEqual({
      published: 3,
      lost: [],
      writtenTwice: [],
      duplicates: 0,
      outOfOrder: [],
      overlaps: [],
      overlapsBetweenProcesses: [],
      commitsAhead: [],
      repeatsBelowCommit: [],
    });
  });

  it("names what was acknowledged and handled by nobody, but for what was deleted", () => {
    const ledger = ledgerOf(...acked, "c1 start 0", "c1 data 0", "c1 start 2", "c1 fail 2");
    expect(ledger.report().lost).toEqual(["t[0]@1", "t[0]@2"]);
    expect(ledger.report(new Map([[0, 2]])).lost).toEqual(["t[0]@2"]);
    expect(ledger.unhandled()).toBe(2);
  });

  it("does not ask for what was never acknowledged", () => {
    expect(ledgerOf("c1 start 7", "c1 data 7").report()).toMatchObject({ published: 0, lost: [], duplicates: 0 });
  });

  it("counts what was handled again, by whomever", () => {
    const ledger = ledgerOf(...acked, ...handledByOne, "c2 start 0", "c2 data 0", "c1 start 0", "c1 data 0");
    expect(ledger.report().duplicates).toBe(2);
    expect(ledger.handled).toBe(3);
  });

  it("names a value that stands in the log twice", () => {
    const ledger = new Ledger();
    ledger.add("p", event("producer_send_success", 0));
    ledger.add("p", { ...event("producer_send_success", 5), value: "0" } as PrintedEvent);
    expect(ledger.report().writtenTwice).toEqual(["value 0 stands at t[0]@0 and at t[0]@5"]);
  });

  it("names what was handled for the first time after a later record of its key", () => {
    const ledger = ledgerOf(...acked, "c1 start 2", "c1 data 2", "c1 start 0", "c1 data 0", "c1 start 1 b", "c1 data 1 b");
    expect(ledger.report().outOfOrder).toEqual(["t[0]@0 was handled after t[0]@2 of the same key"]);
  });

  it("does not mind the order of what comes again", () => {
    expect(ledgerOf(...acked, ...handledByOne, "c2 start 0", "c2 data 0", "c2 start 2", "c2 data 2").report().outOfOrder).toEqual([]);
  });

  it("names two of a key at once in a process, and over processes apart", () => {
    expect(ledgerOf(...acked, "c1 start 0", "c1 start 1 b", "c1 start 2").report().overlaps).toEqual([
      "t[0]@2 was begun by c1 while it had t[0]@0 of the same key at work",
    ]);
    const { overlaps, overlapsBetweenProcesses } = ledgerOf(...acked, "c1 start 0", "c2 start 2", "c1 data 0", "c2 data 2").report();
    expect(overlaps).toEqual([]);
    expect(overlapsBetweenProcesses).toEqual(["t[0]@2 was begun by c2 while c1 had t[0]@0 of the same key at work"]);
  });

  it("ends what a killed process had at work", () => {
    expect(ledgerOf(...acked, "c1 start 0", "c1 died 0", "c1 start 2", "c1 data 2").report().overlaps).toEqual([]);
  });

  it("names a commit that was acknowledged before a record below it was handled", () => {
    const ledger = ledgerOf(...acked, "c1 start 0", "c1 data 0", "c1 start 2", "c1 data 2", "c1 commit 3", "c1 start 1 b", "c1 data 1 b");
    expect(ledger.report().commitsAhead).toEqual(["3 of partition 0 was committed before t[0]@1 was handled"]);
    expect(ledgerOf(...acked, "c1 commit 3 failed").report().commitsAhead).toEqual([]);
  });

  it("names what came again below the commit that its new owner had to start at", () => {
    const repeats = (...lines: readonly string[]) => ledgerOf(...acked, ...handledByOne, ...lines).report().repeatsBelowCommit;
    expect(repeats("c1 commit 2", "c2 assigned", "c2 start 1 b", "c2 data 1 b", "c2 start 2", "c2 data 2")).toEqual([
      "t[0]@1 was handled again by c2, which got the partition after 2 had been committed",
    ]);
    expect(repeats("c1 commit 1", "c2 assigned", "c2 start 1 b", "c2 data 1 b")).toEqual([]);
    expect(repeats("c1 commit 2 failed", "c2 assigned", "c2 start 1 b", "c2 data 1 b")).toEqual([]);
    // whoever lost a partition without knowing handles what it has left
    expect(repeats("c2 assigned", "c1 commit 2", "c2 start 1 b", "c2 data 1 b")).toEqual([]);
  });

  it("counts the sends of which nobody knows whether they were written", () => {
    const ledger = new Ledger();
    const failed = { name: "producer_send_error", topic: "t", key: null, value: "1", exception: "publish_failed", message: "" } as const;
    ledger.add("p", { timestamp: 1, ...failed, may_have_been_written: true });
    ledger.add("p", { timestamp: 2, ...failed, may_have_been_written: false });
    expect(ledger.unknown).toBe(1);
  });
});
