import { systemClock } from "@org/bus-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { topicRecord } from "../../../../test/support/connector-context.js";
import { partFormat } from "../formats/part-format.js";
import { MemoryStore } from "../testing/memory-store.js";
import { PartsWriter } from "./parts-writer.js";

const format = partFormat({ format: "ndjson", row: ({ value }) => value, delimiter: ",", rowGroupRows: 1, compress: false });

/** Records of a topic whose hours alternate, so that the parts of several are open at once. An offset divisible by 4 has become three records. */
const records = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => from + index).flatMap((offset) =>
    Array.from({ length: offset % 4 === 0 ? 3 : 1 }, (_, part) => topicRecord(`${offset}#${part}`, offset, (offset % 3) * 3_600_000)),
  );

const steps = fc.array(
  fc.record({
    count: fc.nat({ max: 6 }),
    end: fc.constantFrom("go on", "flush", "flush, store", "flush, crash", "flush, store some, crash", "crash"),
    /** How much of what was flushed has its position stored before a crash. */
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { maxLength: 30 },
);

describe("PartsWriter", () => {
  test("leaves each record once, however parts are cut and writers are killed between two stored positions", { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 1, max: 60 }), fc.constantFrom("none" as const, "hour" as const), async (taken, maxBytes, span) => {
        const store = new MemoryStore();
        const open = () => new PartsWriter({ store, format, compress: false, maxBytes, clock: systemClock }, span);
        let writer = open();
        let stored = 0;
        let next = 0;
        // the last step goes beyond all that was written before, as a topic does
        for (const { count, end, share } of [...taken, { count: 200, end: "flush, store", share: 1 }]) {
          await writer.write(records(next, next + count));
          next += count;
          if (end.startsWith("flush")) await writer.flush();
          if (end.endsWith("store")) stored = next;
          if (end.includes("some")) stored += Math.floor((next - stored) * share);
          if (end.endsWith("crash")) {
            writer = open();
            next = stored;
          }
        }
        const shown = [...store.shown.values()].map((text) =>
          text
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as string),
        );
        for (const part of shown) expect(part).toEqual(part.toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)));
        expect(shown.flat().toSorted()).toEqual(
          records(0, stored)
            .map(({ value }) => value)
            .toSorted(),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("knows what is in a part that a position lies within, also after another crash", async () => {
    const store = new MemoryStore();
    const write = async (from: number, to: number) => {
      const writer = new PartsWriter({ store, format, compress: false, maxBytes: 1000, clock: systemClock }, "none");
      await writer.write(records(from, to));
      await writer.flush();
    };
    await write(0, 10);
    // the position was stored up to 5, and then no more
    await write(5, 20);
    await write(5, 30);
    const shown = [...store.shown.values()].flatMap((text) =>
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as string),
    );
    expect(shown).toEqual(records(0, 30).map(({ value }) => value));
  });
});
