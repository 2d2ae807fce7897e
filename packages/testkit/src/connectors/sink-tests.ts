import { defineConnector, runConnector } from "@org/bus-connect";
import { createBus, memory } from "@org/bus-core";
import { expect, it } from "vitest";
import { numberedSource } from "./child/counterparts.js";
import type { Stage } from "./child/job.js";
import { eventually } from "./eventually.js";
import type { SinkHarness } from "./harness.js";
import type { ResolvedSuite } from "./options.js";
import { Place } from "./place.js";
import { holdsBack, pressure } from "./pressure-tests.js";
import { stopsCleanly } from "./stop-tests.js";
import type { SinkModule } from "./under-test.js";

type Strike = { readonly stage: Stage; readonly after: number };

const always: readonly Strike[] = [
  { stage: "before write", after: 2 },
  { stage: "after write", after: 2 },
];
/** Of a sink that holds what it was given until it flushes; and of one that has written it when it answers. */
const holding: readonly Strike[] = [
  { stage: "before flush", after: 1 },
  { stage: "before position", after: 1 },
  { stage: "after position", after: 1 },
];
const writing: readonly Strike[] = [
  { stage: "before position", after: 2 },
  { stage: "after position", after: 1 },
];
/** More than are written while the pressure lasts. */
const pressed = 2_500;

export function sinkTests(
  { module, idempotent, outageMs, timeoutMs, testTimeoutMs, execArgv }: ResolvedSuite,
  create: () => Promise<SinkHarness>,
): void {
  const make = () => Place.make(create, { kind: "sink", module: module.href, execArgv });
  const missing = async ({ harness }: Place<SinkHarness>, below: number) => {
    const there = new Set(await harness.read());
    return Array.from({ length: below }, (_, index) => index).filter((index) => !there.has(index));
  };
  const hasAll = async (place: Place<SinkHarness>, below: number) => (await missing(place, below)).length === 0;
  const expectOnce = async ({ harness }: Place<SinkHarness>) => {
    const there = await harness.read();
    if (idempotent) expect(there.toSorted((a, b) => a - b)).toEqual([...new Set(there)].toSorted((a, b) => a - b));
  };

  it("loses nothing when it is killed with -9 at every stage, and no position is ahead of it", { timeout: testTimeoutMs * 3 }, async () => {
    await using place = await make();
    const records = 240;
    const struck = async (strike: Strike) => {
      const child = place.start({ records, strike });
      const { signal } = await child.ended;
      expect({ strike, signal, errors: child.errors() }).toMatchObject({ signal: "SIGKILL" });
      const stored = await place.storedNumber();
      expect({ strike, stored, missing: await missing(place, stored) }).toEqual({ strike, stored, missing: [] });
    };
    for (const strike of always) await struck(strike);
    const holds = !place.journal.read().some((event) => event.type === "written" && event.ids.length > 0);
    for (const strike of holds ? holding : writing) await struck(strike);
    const last = place.start({ records });
    expect({ ...(await last.ended), errors: last.errors() }).toMatchObject({ code: 0 });
    expect(await missing(place, records)).toEqual([]);
    await expectOnce(place);
  });

  it("holds back a fast source (what is in flight, and memory, stay flat), stops within 5 s in the middle of it, and goes on from there", {
    timeout: testTimeoutMs,
  }, async () => {
    await using place = await make();
    const slow = place.start({ records: pressed, pressure });
    await holdsBack(slow, timeoutMs);
    await stopsCleanly(slow);
    const stored = await place.storedNumber();
    expect(stored).toBeLessThan(pressed);
    expect(await missing(place, stored)).toEqual([]);
    const rest = place.start({ records: stored + 200 });
    expect({ ...(await rest.ended), errors: rest.errors() }).toMatchObject({ code: 0 });
    expect(await missing(place, stored + 200)).toEqual([]);
    await expectOnce(place);
  });

  it("fails on what the system refuses, or writes a dead letter of it and goes on, as it is told", { timeout: testTimeoutMs }, async ({ skip }) => {
    await using place = await make();
    const { createSink, makeValue, poison }: SinkModule = await import(module.href);
    if (poison === undefined) return skip("the module has no poison");
    const transport = memory();
    await using bus = createBus({ service: "connector-suite", transport, logger: silent });
    const source = () => numberedSource(20, (index) => (index === 7 ? poison() : makeValue(index)));
    const base = { restart: { attempts: 0 }, batch: { maxRecords: 10 }, flushIntervalMs: 50 };
    const strict = runConnector(bus, defineConnector({ ...base, name: "strict", source: source(), sink: await createSink(place.harness.settings) }));
    await expect(strict.finished).rejects.toThrow();
    expect(strict.status()).toMatchObject({ state: "failed", healthy: false });

    const sink = await createSink(place.harness.settings);
    const tolerant = runConnector(bus, defineConnector({ ...base, name: "tolerant", source: source(), sink, failure: { tolerate: "all" } }));
    await tolerant.finished;
    expect(await missing(place, 20)).toEqual([7]);
    expect(transport.broker.records("tolerant.dlq").length).toBe(1);
  });

  it("gets over an outage of the system by itself", { timeout: testTimeoutMs }, async ({ skip }) => {
    await using place = await make();
    const { harness } = place;
    if (harness.stopSystem === undefined || harness.startSystem === undefined) return skip("the harness cannot stop its system");
    // slow enough to be at work when the system goes
    const child = place.start({ records: 200, pressure: { maxInFlight: 50, recordMs: 5 } });
    await eventually(
      () => (child.samples.at(-1)?.written ?? 0) >= 20,
      timeoutMs,
      () => child.errors(),
    );
    await harness.stopSystem();
    await new Promise((resolve) => setTimeout(resolve, outageMs));
    await harness.startSystem();
    await eventually(
      () => hasAll(place, 200),
      timeoutMs,
      () => child.errors(),
    );
    expect({ ...(await child.ended), errors: child.errors() }).toMatchObject({ code: 0 });
    await expectOnce(place);
  });
}

const ignore = () => {};
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };
