import { afterEach, describe, expect, it } from "vitest";
import { busInternals } from "../bus-internals.js";
import { BusError } from "../errors.js";
import { createLab, endOf, Gate, type Lab, until } from "../testing/consume-setup.js";
import { Reading } from "../testing/reading.js";
import type { ConsumerListener } from "../transport/transport.js";
import { settle } from "./delivery/engine-delivery.js";
import type { RunControl } from "./face.js";
import { openConsumption } from "./open-consumption.js";
import { consumeOptions } from "./options.js";
import { createStage } from "./stage/create-stage.js";

let lab: Lab;
afterEach(() => lab.close());

describe("openConsumption", () => {
  it("begins anew when the consumer of the transport ends with a fault that may pass", async () => {
    lab = await createLab();
    await lab.publish("a", "b");
    const { transport } = lab;
    const create = transport.createConsumer;
    const listeners: ConsumerListener[] = [];
    transport.createConsumer = (options) => {
      const consumer = create(options);
      const start = consumer.start.bind(consumer);
      consumer.start = (listener) => start(listener).then(() => void listeners.push(listener));
      return consumer;
    };
    const gate = new Gate<string>();
    const consumption = lab.bus.consume(Reading, { group: "g" }, ({ sensor }) => gate.pass(sensor));
    await until(() => gate.inside === 2);
    listeners[0]?.stopped(new BusError("transport_failed", "the coordinator is gone", { retryable: true }));
    gate.open();
    await until(() => gate.inside === 2);
    // what was in flight when it ended has settled nothing
    expect(await lab.committed("g")).toEqual([0, 0, 0, 0]);
    gate.open();
    await consumption.close();
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("ends with a fault that will not pass", async () => {
    lab = await createLab({ fetch: () => ({ fail: "before", error: new BusError("not_authorized", "no") }) });
    await lab.publish("a");
    const consumption = lab.bus.consume(Reading, { group: "g" }, () => {});
    expect(await endOf(consumption)).toMatchObject({ code: "not_authorized" });
    expect(consumption.state).toBe("failed");
  });

  it("begins anew when joining fails for a while", async () => {
    let failing = 0;
    lab = await createLab({ connect: () => (failing-- > 0 ? { fail: "before" } : undefined) });
    await lab.publish("a");
    failing = 2;
    const handled: string[] = [];
    const consumption = lab.bus.consume(Reading, { group: "g" }, ({ sensor }) => {
      handled.push(sensor);
    });
    await until(() => consumption.state === "restarting");
    await consumption.started;
    await until(() => handled.length === 1);
    await consumption.close();
    expect(await lab.committed("g")).toEqual(await lab.ends());
    expect(lab.logged.map(({ message }) => message)).toEqual(Array(2).fill("the stream was interrupted and will begin anew"));
  });

  it("fails for good when the topic does not exist", async () => {
    lab = await createLab();
    await lab.transport.admin.deleteTopics(["lab.readings"]);
    const consumption = lab.bus.consume(Reading, { group: "g" }, () => {});
    await expect(consumption.started).rejects.toMatchObject({ code: "unknown_topic" });
    expect(await endOf(consumption)).toMatchObject({ code: "unknown_topic" });
  });

  it("can be closed while it waits to begin anew", async () => {
    lab = await createLab({ connect: () => ({ fail: "before" }) });
    const consumption = lab.bus.consume(Reading, { group: "g" }, () => {});
    await until(() => consumption.state === "restarting");
    await consumption.close();
    expect(consumption.state).toBe("closed");
    await expect(consumption.started).rejects.toMatchObject({ code: "closed" });
    await consumption.closed;
  });

  it("opens its face anew when that fails, and begins no key on which the old one still works", async () => {
    lab = await createLab();
    await lab.publish("b", "a", "a");
    const gate = new Gate<string>();
    const controls: RunControl[] = [];
    const closed: number[] = [];
    const options = consumeOptions.parse({ group: "g" });
    const consumption = openConsumption(busInternals(lab.bus), [Reading], options, {
      open(control) {
        const index = controls.push(control) - 1;
        const stage = createStage<unknown, void>(
          { name: "test", concurrency: 10, order: "key" },
          (delivery) => gate.pass(`${index} ${(delivery.value as Reading).sensor}`),
          settle,
        );
        return { next: (delivery) => stage.push(delivery), close: () => closed.push(index) };
      },
    });
    await until(() => gate.inside === 2);
    gate.open((name) => name === "0 b");
    await until(() => consumption.explain().inFlight === 1);
    controls[0]?.fail(new BusError("handler_failed", "an operator completed"));
    await until(() => controls.length === 2 && consumption.explain().waiting === 2);
    expect(closed).toEqual([0]);
    // b is through and committed; a runs on in the pipe that was closed
    expect(gate.entered.toSorted()).toEqual(["0 a", "0 b"]);
    gate.open();
    await until(() => gate.inside === 1);
    expect(gate.entered.at(-1)).toBe("1 a");
    const opening = setInterval(() => gate.open(), 0);
    await until(() => gate.entered.length === 4);
    await consumption.close();
    clearInterval(opening);
    expect(gate.entered.slice(2)).toEqual(["1 a", "1 a"]);
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("hands nothing more on once its face has failed", async () => {
    lab = await createLab();
    await lab.publish("a", "a", "a");
    const offsets: number[] = [];
    const consumption = openConsumption(busInternals(lab.bus), [Reading], consumeOptions.parse({ group: "g" }), {
      open: (control) => ({
        next(delivery) {
          offsets.push(delivery.offset);
          settle(delivery);
          if (delivery.offset === 1) control.fail(new BusError("handler_failed", "an operator completed"));
        },
        close() {},
      }),
    });
    await until(() => offsets.length === 3);
    await consumption.close();
    expect(offsets).toEqual([0, 1, 2]);
    expect(await lab.committed("g")).toEqual(await lab.ends());
    expect(lab.logged.length).toBe(1);
  });

  it("refuses one group with differing topics on one bus, and takes it when the first has closed", async () => {
    lab = await createLab();
    const other = {
      ...Reading,
      typeName: "lab.v1.Other",
      topic: { ...Reading.topic, name: "lab.others", partitions: 1, cleanup: "delete", owner: { team: "lab", channel: "#lab" } },
    } as typeof Reading;
    await lab.bus.topics.ensure([other]);
    const consumption = lab.bus.consume(Reading, { group: "g" }, () => {});
    expect(() => lab.bus.consume(other, { group: "g" }, () => {})).toThrow(
      "group g already consumes lab.readings in this process and cannot also consume lab.others; give each its own group, or consume all contracts in one stream",
    );
    await consumption.close();
    await lab.bus.consume(other, { group: "g" }, () => {}).started;
  });

  it("commits a start at the end of the log, so that a restart does not skip what comes next", async () => {
    lab = await createLab();
    await lab.publish("a", "b", "c", "d");
    const consumption = lab.bus.consume(Reading, { group: "g", from: "latest" }, () => {});
    await consumption.started;
    await consumption.close();
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("takes no new records while it is paused", async () => {
    lab = await createLab();
    const handled: string[] = [];
    const consumption = lab.bus.consume(Reading, { group: "g" }, ({ sensor }) => {
      handled.push(sensor);
    });
    await consumption.started;
    consumption.pause();
    expect(consumption.state).toBe("paused");
    expect(consumption.explain().partitions.map(({ pausedBy }) => pausedBy)).toEqual(["user", "user", "user", "user"]);
    await lab.publish("a");
    // by a group of its own: it could be had
    expect(await lab.read("lab.readings")).toHaveLength(1);
    expect(handled).toEqual([]);
    consumption.resume();
    expect(consumption.state).toBe("running");
    await until(() => handled.length === 1);
    await consumption.close();
  });

  it("does not begin a key on which a consumption that was closed still works", async () => {
    lab = await createLab();
    await lab.publish("a", "b");
    const gate = new Gate<string>();
    const options = { group: "g", drainTimeoutMs: 1 };
    const first = lab.bus.consume(Reading, options, ({ sensor }) => (sensor === "a" ? gate.pass(sensor) : undefined));
    await until(() => gate.inside === 1);
    await first.close();
    const handled: string[] = [];
    const second = lab.bus.consume(Reading, options, ({ sensor }) => {
      handled.push(sensor);
    });
    await lab.publish("c");
    await until(() => handled.includes("c"));
    expect(handled).not.toContain("a");
    expect(second.explain().waiting).toBe(1);
    gate.open();
    await until(() => handled.includes("a"));
    await second.close();
    expect(await lab.committed("g")).toEqual(await lab.ends());
  });

  it("does not begin a key on which a consumption that closes still works, when the group goes on without it", async () => {
    lab = await createLab();
    // some of each partition: those that move to the second are still being revoked when the session ends, and the first hears nothing more of them
    const sensors = Array.from({ length: 12 }, (_, index) => `sensor-${index}`);
    await lab.publish(...sensors);
    expect((await lab.ends()).length).toBe(4);
    const gate = new Gate<string>();
    const options = { group: "g", drainTimeoutMs: 60_000 };
    const first = lab.bus.consume(Reading, options, ({ sensor }) => gate.pass(sensor));
    await until(() => gate.inside === sensors.length);
    const closed = first.close();
    const handled: string[] = [];
    const second = lab.bus.consume(Reading, options, ({ sensor }) => {
      handled.push(sensor);
    });
    const { broker } = lab.transport;
    // it has joined: from then on the first is asked for what moves
    await second.started;
    broker.expireSession("g", broker.members("g")[0]?.memberId ?? "");
    await until(() => handled.length > 0 || second.explain().waiting > 0);
    expect(handled).toEqual([]);
    gate.open();
    await closed;
    await until(() => handled.length === sensors.length);
    await second.close();
  });
});
