import { describe, expect, test } from "vitest";
import { Turns } from "./turns.js";

describe("Turns", () => {
  test("starts a call at once when none is running", () => {
    const turns = new Turns();
    let started = false;
    void turns.take(() => {
      started = true;
    });
    expect(started).toBe(true);
  });

  test("runs calls one after the other, also after one that failed", async () => {
    const turns = new Turns();
    const events: string[] = [];
    const call = (name: string) => async () => {
      events.push(`${name} begins`);
      await Promise.resolve();
      events.push(`${name} ends`);
      if (name === "first") throw new Error("failed");
    };
    const first = turns.take(call("first"));
    const second = turns.take(call("second"));
    await expect(first).rejects.toThrow("failed");
    await second;
    expect(events).toEqual(["first begins", "first ends", "second begins", "second ends"]);
  });
});
