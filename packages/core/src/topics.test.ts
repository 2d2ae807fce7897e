import { describe, expect, it } from "vitest";
import { BusError } from "./errors.js";
import { failure } from "./testing/publisher-setup.js";
import { CurrentReading, Reading } from "./testing/reading.js";
import { createTopics } from "./topics.js";
import { createMemoryBroker } from "./transport/memory/broker.js";
import { memory } from "./transport/memory/memory.js";
import type { TransportAdmin } from "./transport/transport.js";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function setup(admin: TransportAdmin = memory().admin) {
  const changed: string[] = [];
  const warnings: string[] = [];
  const logger = { ...silent, warn: (fields: object, message: string) => warnings.push(`${message} ${JSON.stringify(fields)}`) };
  return { admin, changed, warnings, topics: createTopics({ admin, logger, changed: (topic) => changed.push(topic) }) };
}

const withTopic = (contract: typeof Reading, changes: object) => ({ ...contract, topic: { ...Reading.topic, ...changes } }) as typeof Reading;

describe("topics.ensure", () => {
  it("creates what does not exist as declared, and does nothing the second time", async () => {
    const { admin, topics, changed } = setup();
    await topics.ensure([withTopic(Reading, { retentionMs: 60_000 }), CurrentReading]);
    const described = await admin.describeTopics(["lab.readings", "lab.current"]);
    expect(described.get("lab.readings")).toEqual({ name: "lab.readings", partitions: 4, cleanup: "delete", retentionMs: 60_000 });
    expect(described.get("lab.current")).toMatchObject({ partitions: 2, cleanup: "compact" });
    expect(changed).toEqual(["lab.readings", "lab.current"]);
    const unexpected = () => Promise.reject(new Error("nothing is to be done"));
    const readOnly: TransportAdmin = { ...admin, createTopics: unexpected, addPartitions: unexpected };
    await setup(readOnly).topics.ensure([Reading, CurrentReading]);
  });

  it("adds partitions, and says that keys move", async () => {
    const { admin, topics, warnings } = setup();
    await topics.ensure([Reading]);
    await topics.ensure([withTopic(Reading, { partitions: 6 })]);
    expect((await admin.describeTopics(["lab.readings"])).get("lab.readings")?.partitions).toBe(6);
    expect(warnings).toEqual(['adding partitions: keys move to other partitions {"topic":"lab.readings","from":4,"to":6}']);
  });

  it("refuses every change that it would have to make in silence, and then changes nothing", async () => {
    const { admin, topics } = setup();
    await topics.ensure([withTopic(Reading, { retentionMs: 60_000 })]);
    const changed = withTopic(Reading, { partitions: 2, cleanup: "compact", retentionMs: 1 });
    const error = await failure(topics.ensure([CurrentReading, changed]));
    expect(error.code).toBe("topic_conflict");
    expect(error.message).toBe(
      "lab.readings: has 4 partitions and the contract says 2, but partitions cannot be taken away; " +
        "lab.readings: has cleanup delete and the contract says compact; " +
        "lab.readings: has a retention of 60000 ms and the contract says 1 ms; change the contract, or the topic by hand",
    );
    expect((await admin.describeTopics(["lab.current"])).size).toBe(0);
  });

  it("leaves the retention to the cluster where the contract says nothing", async () => {
    const { topics } = setup();
    await topics.ensure([withTopic(Reading, { retentionMs: 60_000 })]);
    await topics.ensure([Reading]);
  });

  it("works when several processes do it at once", async () => {
    const broker = createMemoryBroker();
    await Promise.all([1, 2, 3].map((seed) => setup(memory({ broker, seed }).admin).topics.ensure([Reading])));
    const larger = withTopic(Reading, { partitions: 8 });
    await Promise.all([1, 2, 3].map((seed) => setup(memory({ broker, seed }).admin).topics.ensure([larger])));
    expect((await memory({ broker }).admin.describeTopics(["lab.readings"])).get("lab.readings")?.partitions).toBe(8);
  });

  it("does not mind that another process has just added the partitions", async () => {
    const { admin } = setup();
    await admin.createTopics([{ name: "lab.readings", partitions: 2, cleanup: "delete" }]);
    const raced: TransportAdmin = {
      ...admin,
      async addPartitions(topic, total) {
        await admin.addPartitions(topic, total);
        throw new BusError("transport_failed", "topic already has 4 partitions");
      },
    };
    await setup(raced).topics.ensure([Reading]);
    const failing: TransportAdmin = { ...admin, addPartitions: () => Promise.reject(new BusError("not_authorized", "no")) };
    expect((await failure(setup(failing).topics.ensure([withTopic(Reading, { partitions: 9 })]))).code).toBe("not_authorized");
  });

  it("refuses a contract without a topic", async () => {
    const { topic: _, ...part } = Reading;
    expect((await failure(setup().topics.ensure([part]))).message).toBe(
      "lab.v1.Reading has no topic: declare one on the message with option (org.bus.v1.topic)",
    );
  });
});
