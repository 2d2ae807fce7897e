import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Clock } from "../clock.js";
import { createLab, Gate, type Lab, until } from "../testing/consume-setup.js";
import { ManualClock } from "../testing/manual-clock.js";
import { Reading } from "../testing/reading.js";
import { recordMetrics } from "../testing/recorded-metrics.js";
import { openStreams } from "./open-streams.js";
import { StuckProbe } from "./stuck-probe.js";

const stalledAfterMs = 10_000;
const options = { group: "g", commitIntervalMs: 100, drainTimeoutMs: 60_000 };

let lab: Lab;
let clock: ManualClock;
let probe: StuckProbe;
let offsetsFault: (() => Promise<never>) | undefined;

beforeEach(async () => {
  clock = new ManualClock();
  // what takes no time needs nobody to move the clock
  const prompt: Clock = {
    now: () => clock.now(),
    schedule(delayMs, callback) {
      if (delayMs > 0) return clock.schedule(delayMs, callback);
      const immediate = setImmediate(callback);
      return () => clearImmediate(immediate);
    },
  };
  lab = await createLab({}, prompt);
  const { admin } = lab.transport;
  const offsets = admin.offsets.bind(admin);
  offsetsFault = undefined;
  Object.assign(admin, { offsets: (topic: string) => offsetsFault?.() ?? offsets(topic) });
  probe = new StuckProbe({ stalledAfterMs, clock });
  probe.start();
});

afterEach(async () => {
  offsetsFault = undefined;
  probe.stop();
  const closing = lab.close();
  await clock.advance(120_000);
  await closing;
  expect(openStreams()).toEqual([]);
});

/** Lets time pass, and answers what the probe has said in each second. */
async function pass(ms: number) {
  const said: string[] = [];
  for (let passed = 0; passed < ms; passed += 1_000) {
    await clock.advance(1_000);
    said.push(...probe.check().map(({ reason }) => reason));
  }
  return said;
}

/** Lets time pass until `condition` holds. */
async function moving(condition: () => boolean): Promise<void> {
  while (!condition()) await clock.advance(10);
}

describe("StuckProbe", () => {
  it("names the partition, the offset, the key and the handler that does not end, while other keys go on", async () => {
    const gate = new Gate<number>();
    const consumption = lab.bus.consume(Reading, { ...options, concurrency: 8 }, async ({ sensor, celsius }) => {
      if (sensor === "stuck") await gate.pass(celsius);
    });
    await consumption.started;
    await lab.publish("stuck", "a", "b", "c", "d");
    const stuckAt = clock.now();
    await until(() => gate.inside === 1);
    expect(await pass(stalledAfterMs - 1_000)).toEqual([]);
    await lab.publish("a", "b", "c", "d", "stuck", "stuck");
    await clock.advance(3_000);
    const found = probe.check();
    const at = consumption.explain().partitions.find(({ heldBy }) => heldBy?.key === "stuck");
    expect(found).toEqual([
      {
        reason: "not moving",
        group: "g",
        topic: "lab.readings",
        partition: at?.partition,
        offset: at?.frontier,
        key: "stuck",
        stage: "handler",
        state: "running",
        attempt: 1,
        since: new Date(stuckAt).toISOString(),
        stalledSince: expect.any(String),
        stalledMs: expect.any(Number),
        lag: at?.lag,
        lastError: null,
      },
    ]);
    // what ends moves the partition, and all is well
    const opening = setInterval(() => gate.open(), 0);
    await until(() => consumption.explain().partitions.every(({ unsettled }) => unsettled === 0));
    clearInterval(opening);
    expect(await pass(stalledAfterMs * 2)).toEqual([]);
  });

  it("is not alarmed where there is nothing to read, nor by slow work that gets on", async () => {
    await lab.bus.consume(Reading, { ...options, group: "idle" }, () => {}).started;
    const gate = new Gate<number>();
    await lab.bus.consume(Reading, options, ({ celsius }) => gate.pass(celsius)).started;
    await lab.publish("a", "a", "a");
    for (let record = 0; record < 3; record++) {
      await until(() => gate.inside === 1);
      expect(await pass(stalledAfterMs - 2_000)).toEqual([]);
      gate.open();
    }
    expect(await pass(stalledAfterMs * 2)).toEqual([]);
  });

  it("is not alarmed by a stream that the user has paused, and is when it goes on and stands still", async () => {
    const gate = new Gate<number>();
    const consumption = lab.bus.consume(Reading, options, ({ celsius }) => gate.pass(celsius));
    await consumption.started;
    consumption.pause();
    await lab.publish("a");
    expect(await pass(stalledAfterMs * 2)).toEqual([]);
    consumption.resume();
    await until(() => gate.inside === 1);
    expect(await pass(stalledAfterMs - 1_000)).toEqual([]);
    await clock.advance(3_000);
    expect(probe.check()).toMatchObject([{ reason: "not moving", key: "a" }]);
    gate.open();
  });

  it("is not alarmed by a message that waits for its next try, and is by the try that does not end", async () => {
    const gate = new Gate<number>();
    let tries = 0;
    const failure = { attempts: 3, initialBackoffMs: 45_000, maxBackoffMs: 45_000, jitter: 0 };
    await lab.bus.consume(Reading, { ...options, failure }, async ({ celsius }) => {
      if (++tries < 2) throw new Error("no luck");
      await gate.pass(celsius);
    }).started;
    await lab.publish("a");
    await until(() => tries === 1);
    expect(await pass(44_000)).toEqual([]);
    await clock.advance(1_000);
    expect(gate.inside).toBe(1);
    expect(await pass(stalledAfterMs - 1_000)).toEqual([]);
    await clock.advance(2_000);
    expect(probe.check()).toMatchObject([{ key: "a", attempt: 2, state: "running", lastError: "no luck" }]);
    gate.open();
  });

  it("is never alarmed by a message that is tried again without end, of which the lag in time tells", async () => {
    await using recorded = recordMetrics();
    const failure = { attempts: Number.MAX_SAFE_INTEGER, initialBackoffMs: 3_000, maxBackoffMs: 30_000, jitter: 0 };
    let tries = 0;
    const consumption = lab.bus.consume(Reading, { ...options, failure }, () => {
      tries++;
      throw new Error("the dependency is down");
    });
    await consumption.started;
    await lab.publish("a");
    expect(await pass(600_000)).toEqual([]);
    expect(tries).toBeGreaterThan(20);
    // the alert BusTimeLag is at 300
    expect(await recorded.total("bus.consumer.lag.time", { "messaging.consumer.group.name": "g" })).toBeGreaterThan(590);
    expect(await recorded.total("bus.consumer.retries", { "messaging.consumer.group.name": "g" })).toBeGreaterThan(20);
  });

  it.each(["keys", "no keys"])("is not alarmed by messages with %s that wait for the slots of those that are tried again", async (kind) => {
    const gate = new Gate<number>();
    let tries = 0;
    const failure = { attempts: 30, initialBackoffMs: 4_000, maxBackoffMs: 4_000, jitter: 0 };
    const order = kind === "keys" ? "key" : "none";
    await lab.bus.consume(Reading, { ...options, failure, order, concurrency: 1 }, async ({ celsius }) => {
      if (celsius > 0) await gate.pass(celsius);
      else if (++tries < 30) throw new Error("what it calls is down");
    }).started;
    await lab.publish("a");
    await until(() => tries === 1);
    // of other partitions
    await lab.publish("b", "c", "d", "e", "f");
    expect(await pass(stalledAfterMs * 5)).toEqual([]);
    // it is over, and what has the slot then does not end
    await moving(() => gate.inside === 1);
    expect(await pass(stalledAfterMs - 1_000)).toEqual([]);
    await clock.advance(3_000);
    expect(probe.check().length).toBeGreaterThan(1);
    const opening = setInterval(() => gate.open(), 0);
    onTestFinished(() => clearInterval(opening));
  });

  it("is not alarmed by a partition that is about to move, nor by one that has come just now", async () => {
    const gate = new Gate<number>();
    const first = lab.bus.consume(Reading, options, (_, { partition }) => gate.pass(partition));
    await first.started;
    // in every partition something is at work
    await lab.publish("a", "b", "c", "d", "e", "f", "g", "h");
    await until(() => gate.inside === 8);
    const other = await lab.member();
    const second = other.bus.consume(Reading, options, () => {});
    await moving(() => first.explain().partitions.some(({ isDraining }) => isDraining));
    const leaving = first.explain().partitions.flatMap(({ partition, isDraining }) => (isDraining ? [partition] : []));
    gate.open((partition) => !leaving.includes(partition));
    // the group waits for the handlers, which has more time than the probe gives
    expect(await pass(stalledAfterMs * 3)).toEqual([]);
    await moving(() => {
      gate.open();
      return second.state === "running";
    });
    expect(await pass(stalledAfterMs * 2)).toEqual([]);
  });

  it("is not alarmed while a stream waits to begin anew", async () => {
    const consumption = lab.bus.consume(Reading, options, () => {});
    await consumption.started;
    await consumption.close();
    expect(await pass(stalledAfterMs * 2)).toEqual([]);
  });

  it("notices a partition from which nothing is fetched although there is something", async () => {
    const silent = await lab.member({ fetch: ({ group }) => (group === "deaf" ? { fail: "before" } : undefined) });
    const consumption = silent.bus.consume(Reading, { ...options, group: "deaf" }, () => {});
    await consumption.started;
    expect(await pass(stalledAfterMs * 2)).toEqual([]);
    await lab.publish("a");
    // the end of the log is looked up now and then
    await clock.advance(stalledAfterMs + stalledAfterMs / 4 + 2_000);
    expect(probe.check()).toMatchObject([{ reason: "not moving", group: "deaf", state: "not fetched", offset: 0, key: null, stage: null, lag: 1 }]);
  });

  it.each([
    ["is refused", () => Promise.reject(new Error("the broker is away")), "the broker is away"],
    ["is never answered", () => new Promise<never>(() => {}), "no answer after 2000 ms"],
  ])("says so when the positions cannot be read: %s", async (_, fault, error) => {
    await lab.bus.consume(Reading, options, () => {}).started;
    expect(await pass(5_000)).toEqual([]);
    offsetsFault = fault;
    expect(await pass(stalledAfterMs - 1_000)).toEqual([]);
    await clock.advance(stalledAfterMs / 4 + 4_000);
    expect(probe.check()).toEqual([{ reason: "positions cannot be read", group: "g", topics: ["lab.readings"], since: expect.any(String), error }]);
  });
});
