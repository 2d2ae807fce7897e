import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { busInternals } from "../../bus-internals.js";
import { createLab, endOf, type Lab, until } from "../../testing/consume-setup.js";
import { ManualClock } from "../../testing/manual-clock.js";
import { Reading } from "../../testing/reading.js";
import { openConsumption } from "../open-consumption.js";
import { consumeOptions } from "../options.js";
import { createStage } from "../stage/create-stage.js";
import type { Delivery } from "./delivery.js";
import { derive, settle } from "./engine-delivery.js";

let lab: Lab;
afterEach(() => lab.close());

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const open = (pipe: (delivery: Delivery<unknown>) => void, settleTimeoutMs = 300_000) =>
  openConsumption(busInternals(lab.bus), [Reading], consumeOptions.parse({ group: "g", settleTimeoutMs }), {
    open: () => ({ next: pipe, close() {} }),
  });

const lostAt = (partition: number, offset: number) => ({
  code: "delivery_lost",
  message:
    `the delivery of lab.readings[${partition}] offset ${offset} left the pipe without being settled: an operator dropped it; ` +
    "use filterMessages instead of filter, and the operators of this library wherever messages are left out or put together",
  details: { topic: "lab.readings", partition, offset },
});

/** Lets time pass until `promise` has resolved. */
async function passing<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let waiting = true;
  const finished = promise.finally(() => {
    waiting = false;
  });
  while (waiting) await clock.advance(10);
  return finished;
}

describe("LostDeliveries", () => {
  it("stops the stream when a delivery has become unreachable, and settles nothing of it", async () => {
    lab = await createLab();
    await lab.publish("a", "a", "a");
    const partition = (await lab.ends()).indexOf(3);
    const consumption = open((delivery) => {
      const derived = derive(delivery, "value");
      if (delivery.offset !== 1) settle(derived);
    });
    const end = endOf(consumption);
    await until(() => {
      collectGarbage();
      return consumption.state === "failed";
    });
    expect(await end).toMatchObject(lostAt(partition, 1));
    expect((await lab.committed("g"))[partition]).toBe(1);
  });

  it("leaves alone what is kept, and what was settled", async () => {
    lab = await createLab();
    await lab.publish("a", "b", "c");
    const kept: Delivery<unknown>[] = [];
    const consumption = open((delivery) => {
      if (kept.length === 0) kept.push(delivery);
      else settle(delivery);
    });
    await until(() => consumption.explain().partitions.reduce((sum, { unsettled }) => sum + unsettled, 0) === 1 && kept.length === 1);
    for (let rounds = 0; rounds < 5; rounds++) {
      collectGarbage();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(consumption.state).toBe("running");
    for (const delivery of kept) settle(delivery);
    await consumption.close();
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("stops the stream when a delivery is kept too long outside of any handler, and not when a handler has it", async () => {
    const clock = new ManualClock();
    lab = await passing(clock, createLab({}, clock));
    await passing(clock, lab.publish("kept", "handled"));
    const kept: Delivery<unknown>[] = [];
    let finish = () => {};
    const stage = createStage<unknown, void>(
      { name: "test", concurrency: 1, order: "key" },
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
      settle,
    );
    const consumption = open((delivery) => {
      if ((delivery.value as Reading).sensor === "kept") kept.push(delivery);
      else stage.push(delivery);
    }, 10_000);
    await clock.advance(10_500);
    expect(consumption.state).toBe("running");
    expect(consumption.explain().inFlight).toBe(1);
    await clock.advance(2_000);
    const [lost] = kept;
    expect(await endOf(consumption)).toMatchObject(lostAt(lost?.partition ?? -1, lost?.offset ?? -1));
    finish();
    await passing(clock, lab.close());
  });
});
