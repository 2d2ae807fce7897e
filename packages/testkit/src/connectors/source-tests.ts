import { defineConnector, runConnector } from "@org/bus-connect";
import { createBus, headerText, memory } from "@org/bus-core";
import { expect, it } from "vitest";
import { findAheadOfSink, findOutOfOrder } from "./check-journal.js";
import { takingSink } from "./child/counterparts.js";
import type { Stage } from "./child/job.js";
import { eventually } from "./eventually.js";
import type { SourceHarness } from "./harness.js";
import type { ResolvedSuite } from "./options.js";
import { Place } from "./place.js";
import { holdsBack, pressure } from "./pressure-tests.js";
import { stopsCleanly } from "./stop-tests.js";
import type { SourceModule } from "./under-test.js";

/** So that a source that gets ahead of its sink is seen to. */
const unhurried = { maxInFlight: 1_000, recordMs: 3 };
const stages: readonly Stage[] = ["read", "before write", "after write", "acknowledged"];
/** Of a source that has positions. */
const storing: readonly Stage[] = ["before position", "after position"];
/** More than are written while the pressure lasts. */
const pressed = 2_500;

export function sourceTests(
  { module, ordered, outageMs, timeoutMs, testTimeoutMs, execArgv }: ResolvedSuite,
  create: () => Promise<SourceHarness>,
): void {
  const make = () => Place.make(create, { kind: "source", module: module.href, execArgv });
  let next = 0;
  const some = (count: number) => Array.from({ length: count }, () => ({ id: `r${next}`, key: `k${next++ % 3}` }));
  const arrived = ({ journal }: Place<SourceHarness>) => new Set(journal.read().flatMap((event) => (event.type === "written" ? event.ids : [])));
  const missing = (place: Place<SourceHarness>, put: readonly { readonly id: string }[]) => {
    const there = arrived(place);
    return put.filter(({ id }) => !there.has(id)).map(({ id }) => id);
  };

  it("loses nothing when it is killed with -9 at every stage, and is never ahead of the sink", { timeout: testTimeoutMs * 3 }, async () => {
    await using place = await make();
    const put: { readonly id: string; readonly key: string }[] = [];
    const strike = async (stage: Stage) => {
      const added = some(40);
      put.push(...added);
      await place.harness.put(added);
      const child = place.start({ strike: { stage, after: 1 }, pressure: unhurried });
      let ended: Awaited<typeof child.ended> | undefined;
      void child.ended.then((end) => {
        ended = end;
      });
      await eventually(
        () => ended !== undefined,
        timeoutMs,
        () => `${stage}: ${child.errors()}`,
      );
      expect({ stage, ...ended, errors: child.errors() }).toMatchObject({ signal: "SIGKILL" });
    };
    for (const stage of stages) await strike(stage);
    const hasPositions = place.journal.read().some((event) => event.type === "read" && event.position !== undefined);
    if (hasPositions) for (const stage of storing) await strike(stage);
    const last = place.start();
    await eventually(
      () => missing(place, put).length === 0,
      timeoutMs,
      () => `missing ${missing(place, put).join(", ")} ${last.errors()}`,
    );
    await stopsCleanly(last);
    expect(findAheadOfSink(place.journal.read())).toEqual([]);
    if (ordered) expect(findOutOfOrder(place.journal.read(), put)).toEqual([]);
  });

  it("is held back by a slow sink (what is in flight, and memory, stay flat), stops within 5 s in the middle of it, and goes on from there", {
    timeout: testTimeoutMs,
  }, async () => {
    await using place = await make();
    const put = some(pressed);
    await place.harness.put(put);
    const slow = place.start({ pressure });
    await holdsBack(slow, timeoutMs);
    await stopsCleanly(slow);
    expect(arrived(place).size).toBeLessThan(pressed);
    const rest = place.start();
    await eventually(
      () => missing(place, put).length === 0,
      timeoutMs,
      () => `missing ${missing(place, put).join(", ")} ${rest.errors()}`,
    );
    await stopsCleanly(rest);
    expect(findAheadOfSink(place.journal.read())).toEqual([]);
  });

  it("fails on what cannot be read, or writes a dead letter of it and goes on, as it is told", { timeout: testTimeoutMs }, async ({ skip }) => {
    await using place = await make();
    const { harness } = place;
    if (harness.putPoison === undefined) return skip("the harness has no poison to put");
    const before = some(4);
    const after = some(4);
    await harness.put(before);
    await harness.putPoison();
    await harness.put(after);
    const { createSource, idOf }: SourceModule = await import(module.href);
    const transport = memory();
    await using bus = createBus({ service: "connector-suite", transport, logger: silent });
    const base = { sink: takingSink(), restart: { attempts: 0 } };
    const strict = runConnector(bus, defineConnector({ ...base, name: "strict", source: await createSource(harness.settings) }));
    await expect(strict.finished).rejects.toThrow();
    expect(strict.status()).toMatchObject({ state: "failed", healthy: false });
    await strict.stop();

    const ids = new Set<string>();
    const sink = takingSink((values) => {
      for (const value of values) ids.add(idOf(value));
    });
    const tolerant = runConnector(
      bus,
      defineConnector({ ...base, name: "tolerant", sink, failure: { tolerate: "all" }, source: await createSource(harness.settings) }),
    );
    await eventually(
      () => [...before, ...after].every(({ id }) => ids.has(id)),
      timeoutMs,
      () => `have ${[...ids].join(", ")} ${JSON.stringify(tolerant.status())}`,
    );
    await tolerant.stop();
    const letters = transport.broker.records("tolerant.dlq");
    expect(letters.length).toBeGreaterThan(0);
    for (const { headers } of letters) expect(headerText(headers, "bus-dlq-source-id")).not.toBe("");
  });

  it("gets over an outage of the system by itself", { timeout: testTimeoutMs }, async ({ skip }) => {
    await using place = await make();
    const { harness } = place;
    if (harness.stopSystem === undefined || harness.startSystem === undefined) return skip("the harness cannot stop its system");
    const put = some(10);
    await harness.put(put);
    const child = place.start();
    await eventually(
      () => missing(place, put).length === 0,
      timeoutMs,
      () => child.errors(),
    );
    await harness.stopSystem();
    await new Promise((resolve) => setTimeout(resolve, outageMs));
    await harness.startSystem();
    const later = some(10);
    await harness.put(later);
    await eventually(
      () => missing(place, later).length === 0,
      timeoutMs,
      () => `missing ${missing(place, later).join(", ")} ${child.errors()}`,
    );
    await stopsCleanly(child);
    expect(findAheadOfSink(place.journal.read())).toEqual([]);
  });
}

const ignore = () => {};
const silent = { debug: ignore, info: ignore, warn: ignore, error: ignore };
