import { describe, expect, it } from "vitest";
import { BusError } from "../errors.js";
import { ManualClock } from "../testing/manual-clock.js";
import type { IncomingRecord } from "../transport/record.js";
import { DeadLetterLog } from "./dead-letter-log.js";

function setup() {
  const lines: [string, object][] = [];
  const ignore = () => {};
  const warn = (fields: object, message: string) => lines.push([message, fields]);
  const clock = new ManualClock();
  const log = new DeadLetterLog({ debug: ignore, info: ignore, warn, error: ignore }, clock);
  const written = (offset: number, error: unknown = new TypeError("secret")) => {
    const record: IncomingRecord = { topic: "t", partition: 1, offset, key: null, value: null, headers: {}, timestamp: 0 };
    log.written(record, { group: "g", attempts: 3, stage: "handler", error, failedAt: 0 });
  };
  const offsets = () => lines.map(([, fields]) => fields as { offset: number; suppressed: number }).map((line) => [line.offset, line.suppressed]);
  return { lines, clock, log, written, offsets };
}

describe("DeadLetterLog", () => {
  it("says where the record lay and what kind of error it was", () => {
    const { lines, written } = setup();
    written(5);
    const fields = { group: "g", topic: "t", partition: 1, offset: 5, attempts: 3, stage: "handler", error: "TypeError", suppressed: 0 };
    expect(lines).toEqual([["a record became a dead letter", fields]]);
  });

  it("names the code of a BusError", () => {
    const { lines, written } = setup();
    written(5, new BusError("malformed_message", "secret"));
    expect(lines[0]?.[1]).toMatchObject({ error: "malformed_message" });
  });

  it("writes one line a second, of the latest, with the number of those left out", async () => {
    const { clock, written, offsets } = setup();
    for (const offset of [1, 2, 3, 4]) written(offset);
    expect(offsets()).toEqual([[1, 0]]);
    await clock.advance(1_000);
    expect(offsets()).toEqual([
      [1, 0],
      [4, 2],
    ]);
    await clock.advance(1_000);
    expect(clock.pending).toBe(0);
    written(5);
    expect(offsets().at(-1)).toEqual([5, 0]);
  });

  it("holds nothing back once it is closed", () => {
    const { clock, log, written, offsets } = setup();
    for (const offset of [1, 2, 3]) written(offset);
    log.close();
    expect(offsets().at(-1)).toEqual([3, 1]);
    expect(clock.pending).toBe(0);
  });
});
