import { describe, expect, it } from "vitest";
import { assigned, at, fenced, handle, revoking, start } from "../../../test/histories.js";
import type { DeliveryEvent, FenceReason } from "../event.js";
import { findShortDrains } from "./drains.js";

const [a0, b1] = [at(0, "a"), at(1, "b")];
const by = { member: "m1", assignment: 1 };
const running = [assigned(), ...handle(b1, by), start(a0, by)];
const from = (atMs: number): DeliveryEvent => ({ ...revoking(), atMs }) as DeliveryEvent;
const closing = (atMs: number): DeliveryEvent => ({ ...from(atMs), kind: "closing" }) as DeliveryEvent;
const until = (reason: FenceReason, atMs: number): DeliveryEvent => ({ ...fenced(reason), atMs }) as DeliveryEvent;

describe("findShortDrains", () => {
  it("names work that an orderly end did not wait for", () => {
    expect(findShortDrains([...running, from(1_000), until("revoked", 1_099)], 100)).toEqual([
      'drain: assignment 1 was revoked after 99 of 100 ms while t[0]@0 (key "a") was running',
    ]);
    expect(findShortDrains([...running, closing(1_000), from(1_050), until("closed", 1_099)], 100)).toHaveLength(1);
    expect(findShortDrains([...running, from(1_000), from(1_050), until("revoked", 1_100)], 100)).toEqual([]);
  });

  it("has nothing against an end after all work, one that nobody asked for, and a loss", () => {
    expect(findShortDrains([assigned(), ...handle(a0, by), from(0), until("revoked", 0)], 100)).toEqual([]);
    expect(findShortDrains([...running, from(0), until("closed", 0)], 100)).toEqual([]);
    expect(findShortDrains([...running, from(0), until("lost", 0)], 100)).toEqual([]);
    const late = [assigned(), { ...start(a0, by), atMs: 0 } as DeliveryEvent, from(40), until("revoked", 50)];
    expect(findShortDrains(late, 100)).toHaveLength(1);
    expect(findShortDrains(late, 100, 50)).toEqual([]);
  });
});
