import { createBus, memory } from "@org/bus-core";
import { describe, expect, it } from "vitest";
import { virtualClock } from "./virtual-clock.js";

describe("virtualClock", () => {
  it("runs timers by due time, then in the order in which they were set, each with its promise callbacks", async () => {
    const clock = virtualClock({ startMs: 1_000 });
    const events: string[] = [];
    const note = (name: string) => () => {
      events.push(`${name}@${clock.now()}`);
      void Promise.resolve().then(() => Promise.resolve().then(() => events.push(`after ${name}`)));
    };
    clock.schedule(20, note("c"));
    clock.schedule(10, note("a"));
    clock.schedule(10, note("b"));
    const cancel = clock.schedule(15, note("cancelled"));
    clock.schedule(31, note("later"));
    cancel();
    await clock.advance(30);
    expect(events).toEqual(["a@1010", "after a", "b@1010", "after b", "c@1020", "after c"]);
    expect(clock.now()).toBe(1_030);
    expect(clock.pending).toBe(1);
  });

  it("runs what timers set while they run, at their times", async () => {
    const clock = virtualClock({ startMs: 0 });
    const times: number[] = [];
    const again = () => {
      times.push(clock.now());
      if (times.length < 4) clock.schedule(5, again);
    };
    clock.schedule(0, again);
    await clock.runUntilIdle();
    expect(times).toEqual([0, 5, 10, 15]);
  });

  it("lets a seed decide between timers of one time", async () => {
    const orderOf = async (random: () => number) => {
      const clock = virtualClock({ random });
      const order: string[] = [];
      for (const name of ["a", "b", "c"]) clock.schedule(10, () => order.push(name));
      clock.schedule(5, () => order.push("before"));
      clock.schedule(15, () => order.push("after"));
      await clock.runUntilIdle();
      return order.join(" ");
    };
    expect(await orderOf(() => 0)).toBe("before c b a after");
    expect(await orderOf(() => 0.999)).toBe("before a b c after");
    expect(await orderOf(() => 0.5)).toBe("before a c b after");
  });

  it("tells whole milliseconds, also where timers have none", async () => {
    const clock = virtualClock({ startMs: 0 });
    const times: number[] = [];
    for (const delayMs of [0.5, 1.25, 1.5]) clock.schedule(delayMs, () => times.push(clock.now()));
    await clock.runUntilIdle();
    expect(times).toEqual([0, 1, 1]);
  });

  it("gives up on timers that never end", async () => {
    const clock = virtualClock();
    const repeat = () => {
      clock.schedule(1_000, repeat);
    };
    repeat();
    await expect(clock.runUntilIdle({ limitMs: 10_000 })).rejects.toThrow(
      "timers were still being set after 10000 ms of virtual time: close what repeats, or raise limitMs",
    );
  });

  it("moves on until a promise settles, and says why when it cannot", async () => {
    const clock = virtualClock({ startMs: 0 });
    const later = new Promise<string>((resolve) => {
      clock.schedule(500, () => resolve("done"));
    });
    expect(await clock.runUntilSettled(later)).toBe("done");
    expect(clock.now()).toBe(500);
    await expect(clock.runUntilSettled(Promise.reject(new Error("no")))).rejects.toThrow("no");
    const never = new Promise(() => {});
    await expect(clock.runUntilSettled(never)).rejects.toThrow("the promise did not settle and no timer is left: it waits for something else");
    clock.schedule(2_000, () => {});
    await expect(clock.runUntilSettled(never, { limitMs: 1_000 })).rejects.toThrow(
      "the promise did not settle in 1000 ms of virtual time: raise limitMs",
    );
  });

  it("drives a bus in memory", async () => {
    const clock = virtualClock();
    const bus = createBus({ service: "t", clock, transport: memory({ clock, latencyMs: { min: 10, max: 10 } }) });
    await clock.runUntilSettled(bus.close());
  });
});
