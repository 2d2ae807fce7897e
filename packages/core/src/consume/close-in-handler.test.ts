import { afterEach, describe, expect, it } from "vitest";
import { busInternals } from "../bus-internals.js";
import { createLab, Gate, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import { settle } from "./delivery/engine-delivery.js";
import { openConsumption } from "./open-consumption.js";
import { consumeOptions } from "./options.js";
import { createBatchStage } from "./stage/create-batch-stage.js";

let lab: Lab;
afterEach(() => lab.close());

/** Far longer than a test may take: what waits for a drain to time out fails. */
const options = { group: "g", drainTimeoutMs: 1_000_000 };

describe("close() awaited in a handler", () => {
  it("waits for the others in flight, not for that handler; what it handles is settled, and committed before close() resolves elsewhere", async () => {
    lab = await createLab();
    await lab.publish("last", "a", "b");
    const gate = new Gate<string>();
    const events: string[] = [];
    const consumption = lab.bus.consume(Reading, options, async ({ sensor }) => {
      await gate.pass(sensor);
      if (sensor === "last") {
        await consumption.close();
        events.push("closed in the handler");
      } else events.push(sensor);
    });
    await until(() => gate.inside === 3);
    gate.open((sensor) => sensor === "last");
    await until(() => consumption.state === "closing");
    const closed = consumption.close().then(() => events.push("closed"));
    gate.open((sensor) => sensor === "a");
    await until(() => events.length === 1);
    expect(events).toEqual(["a"]);
    gate.open();
    await closed;
    expect(events).toEqual(["a", "b", "closed in the handler", "closed"]);
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("does not hang when several handlers await it, nor that of the bus", async () => {
    lab = await createLab();
    const { bus } = await lab.member();
    await lab.publish("a", "b", "c");
    let handled = 0;
    const gate = new Gate<string>();
    const consumption = bus.consume(Reading, options, async ({ sensor }) => {
      await gate.pass(sensor);
      await (sensor === "a" ? bus : consumption).close();
      handled++;
    });
    await until(() => gate.inside === 3);
    gate.open();
    await consumption.closed;
    await bus.close();
    expect(handled).toBe(3);
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("does not hang where a call has a batch of messages", async () => {
    lab = await createLab();
    await lab.publish("a", "a", "a");
    let size = 0;
    const consumption = openConsumption(busInternals(lab.bus), [Reading], consumeOptions.parse(options), {
      open() {
        const stage = createBatchStage<unknown, void>(
          { name: "test", concurrency: 10, order: "key", maxBatch: 10 },
          async (deliveries) => {
            size = deliveries.length;
            await consumption.close();
            return deliveries.map(() => ({ ok: true, value: undefined }));
          },
          settle,
        );
        return { next: (delivery) => stage.push(delivery), close() {} };
      },
    });
    await consumption.closed;
    expect(size).toBe(3);
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("is an ordinary close() in the handler of another stream", async () => {
    lab = await createLab();
    await lab.publish("a");
    const gate = new Gate<string>();
    const other = lab.bus.consume(Reading, { ...options, group: "other" }, ({ sensor }) => gate.pass(sensor));
    await until(() => gate.inside === 1);
    let closed = false;
    const consumption = lab.bus.consume(Reading, options, async () => {
      await other.close();
      closed = true;
    });
    await until(() => other.state === "closing");
    gate.open();
    await until(() => closed);
    expect(await lab.committed("other")).toEqual(await lab.ends());
    await consumption.close();
  });
});
