import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Bus } from "../bus.js";
import { createLab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import type { Consumption } from "./consumption.js";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const keys = ["a", "b", "c", "d", "e", "f"];

const plan = fc.record({
  /** The key of each message. */
  messages: fc.array(fc.nat(keys.length - 1), { minLength: 1, maxLength: 60, size: "max" }),
  /** Turns of the event loop that a try takes, by message; a negative one fails it. */
  tries: fc.array(fc.integer({ min: -3, max: 4 }), { minLength: 7, maxLength: 7 }),
  /** After so many turns each, a member comes (true) or goes. */
  changes: fc.array(fc.tuple(fc.nat(30), fc.boolean()), { maxLength: 5 }),
  concurrency: fc.integer({ min: 1, max: 5 }),
});

describe("members of a group", () => {
  it("between them handle every message, in the order of each key, never two of one key at once", async () => {
    await fc.assert(
      fc.asyncProperty(plan, async ({ messages, tries, changes, concurrency }) => {
        const lab = await createLab();
        const members: Consumption[] = [];
        /** Messages whose last try has ended, in that order. */
        const done: number[] = [];
        const deadLettered = new Set<number>();
        const running = new Map<string, number>();
        const problems: string[] = [];
        const handler = async ({ sensor, celsius }: Reading, { attempt }: { readonly attempt: number }) => {
          if (running.has(sensor)) problems.push(`${sensor}: ${celsius} began while ${running.get(sensor)} ran`);
          const missing = messages.findIndex((key, id) => id < celsius && keys[key] === sensor && !done.includes(id));
          if (missing >= 0) problems.push(`${sensor}: ${celsius} began before ${missing}`);
          running.set(sensor, celsius);
          const turns = tries[(celsius + attempt) % tries.length] ?? 0;
          for (let left = Math.abs(turns); left > 0; left--) await turn();
          running.delete(sensor);
          if (turns >= 0 || attempt === 2) done.push(celsius);
          if (turns < 0 && attempt === 2) deadLettered.add(celsius);
          if (turns < 0) throw new Error("no luck");
        };
        const join = (bus: Bus) => {
          const failure = { attempts: 2, initialBackoffMs: 0, maxBackoffMs: 0 };
          members.push(bus.consume(Reading, { group: "g", concurrency, failure, commitIntervalMs: 1 }, handler));
        };
        try {
          await lab.publish(...messages.map((key) => keys[key] ?? ""));
          join(lab.bus);
          for (const [turns, comes] of changes) {
            for (let left = turns; left > 0; left--) await turn();
            if (comes) join((await lab.member()).bus);
            else if (members.length > 1) await members.shift()?.close();
          }
          const ends = (await lab.ends()).join();
          await until(async () => (await lab.committed("g")).join() === ends);
          await Promise.all(members.map((member) => member.close()));
          expect(problems).toEqual([]);
          expect(new Set(done).size).toBe(messages.length);
          expect((await lab.read("lab.readings.g.dlq")).length).toBeGreaterThanOrEqual(deadLettered.size);
        } finally {
          await lab.close();
        }
      }),
      { numRuns: 40 },
    );
  });
});
