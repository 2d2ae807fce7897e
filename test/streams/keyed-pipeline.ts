import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, Transport } from "@org/bus-core";
import { mapKeyed, stream } from "@org/bus-streams";
import { expect, test } from "vitest";
import { Step } from "../contracts/gen/streams/v1/step.js";
import { missingSteps, reportOf, type StepEvent } from "./step-events.js";
import { lagOf, STEPS, STEPS_PER_TRACK, TRACKS } from "./steps.js";

const CONCURRENCY = 100;

export interface PublishedSteps {
  readonly bus: Bus;
  readonly transport: Transport;
  readonly since: Date;
}

/** 100,000 messages of 1,000 keys over 6 partitions through `mapKeyed`: the same on every transport. */
export function keyedPipelineTests(published: () => PublishedSteps): void {
  test("handles every message, in the order of its key, never two of a key at once, and 100 at once", async () => {
    const { bus, transport, since } = published();
    const group = `keyed-${crypto.randomUUID()}`;
    const events: StepEvent[] = [];
    const all = Promise.withResolvers<void>();
    let ended = 0;
    const consumption = stream(bus, Step, { group, from: since })
      .pipe(
        mapKeyed(
          async ({ track, position }) => {
            events.push({ phase: "start", track, position });
            await sleep(1);
            events.push({ phase: "end", track, position });
            if (++ended === STEPS) all.resolve();
          },
          { concurrency: CONCURRENCY },
        ),
      )
      .run();
    await Promise.race([all.promise, consumption.closed]);
    await consumption.close();

    const report = reportOf(events);
    expect(report.overlaps).toEqual([]);
    expect(report.disorders).toEqual([]);
    expect(missingSteps([report], TRACKS, STEPS_PER_TRACK)).toEqual([]);
    expect(report.handled).toBe(STEPS);
    expect(report.maxConcurrent).toBe(CONCURRENCY);
    const lag = await lagOf(transport, group);
    expect(lag).toHaveLength(6);
    expect(lag.map(({ committed }) => committed)).toEqual(lag.map(({ logEnd }) => logEnd));
  }, 120_000);

  test("exactly 100 handlers start while all are gated", async () => {
    const { bus, since } = published();
    const gate = Promise.withResolvers<void>();
    const full = Promise.withResolvers<void>();
    let started = 0;
    const consumption = stream(bus, Step, { group: `gated-${crypto.randomUUID()}`, from: since, drainTimeoutMs: 0 })
      .pipe(
        mapKeyed(
          async () => {
            if (++started === CONCURRENCY) full.resolve();
            await gate.promise;
          },
          { concurrency: CONCURRENCY },
        ),
      )
      .run();
    await full.promise;
    // all credit is used: nothing more arrives that could change what runs
    while (consumption.explain().partitions.some(({ pausedBy }) => pausedBy === undefined)) await sleep(1);
    expect(started).toBe(CONCURRENCY);
    expect(consumption.explain().inFlight).toBe(CONCURRENCY);
    const closing = consumption.close();
    gate.resolve();
    await closing;
  });
}
