import { afterEach, describe, expect, it } from "vitest";
import { busInternals } from "../bus-internals.js";
import { BusError } from "../errors.js";
import { createLab, endOf, type Lab, until } from "../testing/consume-setup.js";
import { ManualClock, settled } from "../testing/manual-clock.js";
import { Reading } from "../testing/reading.js";
import type { ConsumerListener, Transport } from "../transport/transport.js";
import { openConsumption } from "./open-consumption.js";
import { consumeOptions } from "./options.js";

let lab: Lab;
afterEach(() => lab.close());

const unreachable = new BusError("transport_failed", "nobody is there", { retryable: true });

/** A stream whose transport does as a test says, on a clock that the test moves. */
async function supervised(start: (listener: ConsumerListener) => void) {
  lab = await createLab();
  const clock = new ManualClock();
  const starts: number[] = [];
  const closes: number[] = [];
  const internals = busInternals(lab.bus);
  const transport: Transport = {
    ...internals.transport,
    createConsumer: () => ({
      async start(listener) {
        starts.push(clock.now());
        start(listener);
      },
      pause() {},
      resume() {},
      commit: async () => {},
      close: async () => void closes.push(clock.now()),
    }),
  };
  const options = consumeOptions.parse({ group: "g", failure: { otherwise: "stop" } });
  const face = { open: () => ({ next() {}, close() {} }) };
  const consumption = openConsumption({ ...internals, transport, clock, random: () => 0 }, [Reading], options, face);
  const waits = () => starts.map((time, index) => time - (starts[index - 1] ?? time)).slice(1);
  return { clock, starts, closes, consumption, waits };
}

describe("a stream whose transport fails", () => {
  it("begins anew after waits that double, up to 30 s, and says why in the meantime", async () => {
    const { clock, consumption, waits, starts, closes } = await supervised(() => {
      throw unreachable;
    });
    await clock.advance(300_000);
    expect(waits()).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, ...Array(8).fill(30_000)]);
    expect(consumption.explain()).toMatchObject({
      state: "restarting",
      lastFault: { code: "transport_failed", message: "nobody is there", at: starts.at(-1) },
    });
    // what failed is closed, so that nothing of it lives on
    expect(closes).toEqual(starts);
    await consumption.close();
  });

  it("waits as little as at first once it has run for a while", async () => {
    const listeners: ConsumerListener[] = [];
    const { clock, consumption, starts } = await supervised((listener) => void listeners.push(listener));
    /** How long it waits after a crash. */
    const crash = async () => {
      const at = clock.now();
      listeners.at(-1)?.stopped(unreachable);
      await settled();
      expect(consumption.state).toBe("restarting");
      await clock.advance(1_000);
      expect(consumption.state).toBe("running");
      return (starts.at(-1) ?? 0) - at;
    };
    await settled();
    expect([await crash(), await crash(), await crash()]).toEqual([100, 200, 400]);
    await clock.advance(30_000);
    expect([await crash(), await crash()]).toEqual([100, 200]);
    await consumption.close();
  });

  it("ends with what will not pass, whenever it comes, and begins no more", async () => {
    const listeners: ConsumerListener[] = [];
    const { clock, consumption, starts } = await supervised((listener) => void listeners.push(listener));
    await consumption.started;
    listeners[0]?.stopped(new BusError("not_authorized", "no right to read"));
    expect(await endOf(consumption)).toMatchObject({ code: "not_authorized" });
    await clock.advance(100_000);
    expect(starts.length).toBe(1);
    expect(consumption.state).toBe("failed");
    expect(consumption.explain().lastFault).toMatchObject({ code: "not_authorized", message: "no right to read" });
    // it is over: these change nothing
    consumption.pause();
    consumption.resume();
    await consumption.close();
    expect(consumption.state).toBe("failed");
  });
});

describe("a stream that was paused", () => {
  it("stays so over a restart, and goes on when it is resumed", async () => {
    lab = await createLab();
    const create = lab.transport.createConsumer;
    const listeners: ConsumerListener[] = [];
    lab.transport.createConsumer = (options) => {
      const consumer = create(options);
      const start = consumer.start.bind(consumer);
      consumer.start = (listener) => start(listener).then(() => void listeners.push(listener));
      return consumer;
    };
    const handled: string[] = [];
    const consumption = lab.bus.consume(Reading, { group: "g" }, ({ sensor }) => void handled.push(sensor));
    await consumption.started;
    consumption.pause();
    listeners[0]?.stopped(unreachable);
    await until(() => listeners.length === 2);
    await until(() => consumption.state === "paused");
    await lab.publish("a", "b");
    expect(consumption.explain().partitions.map(({ pausedBy }) => pausedBy)).toEqual(["user", "user", "user", "user"]);
    // by a group of its own: they could be had
    expect(await lab.read("lab.readings")).toHaveLength(2);
    expect(handled).toEqual([]);
    consumption.resume();
    await until(() => handled.length === 2);
    await consumption.close();
  });
});
