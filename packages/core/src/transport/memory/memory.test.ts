import { describe, expect, it } from "vitest";
import { BusError } from "../../errors.js";
import { ManualClock } from "../../testing/manual-clock.js";
import { RecordingListener } from "../../testing/recording-listener.js";
import type { ConsumerListener, Transport, TransportConsumer, TransportConsumerOptions } from "../transport.js";
import { createMemoryBroker } from "./broker.js";
import type { MemoryFault } from "./faults.js";
import { type MemoryOptions, memory } from "./memory.js";

const record = (partition: number, value: string, topic = "t") => ({
  topic,
  partition,
  key: null,
  value: new TextEncoder().encode(value),
  headers: {},
  timestamp: 1,
});

const consumerOptions: TransportConsumerOptions = { group: "g", topics: ["t"], from: "earliest", outOfRange: "stop" };

async function setup(options: MemoryOptions = {}, partitions = 2) {
  const transport = memory(options);
  transport.broker.createTopic({ name: "t", partitions, cleanup: "delete" });
  return { transport, producer: await transport.createProducer() };
}

async function join(transport: Transport): Promise<{ consumer: TransportConsumer; listener: RecordingListener }> {
  const consumer = transport.createConsumer(consumerOptions);
  const listener = new RecordingListener();
  await consumer.start(listener);
  return { consumer, listener };
}

describe("memory", () => {
  it("refuses options that are wrong, all at once", () => {
    expect(() => memory({ seed: 1.5, latencyMs: { min: 2, max: 1 } })).toThrow("memory: seed 1.5 must be an integer; latencyMs must have min <= max");
    expect(() => memory({ broker: createMemoryBroker(), clock: new ManualClock() })).toThrow(
      "memory: clock differs from that of broker: give it to createMemoryBroker only",
    );
  });

  it("names the remedy for an unknown topic, and the partitions of a known one", async () => {
    const { producer } = await setup();
    const outcomes = await producer.send([record(0, "x", "u"), record(2, "x")], { timeoutMs: 1_000 });
    expect(outcomes.map((outcome) => (outcome.ok ? "" : outcome.error.message))).toEqual([
      "unknown topic u: create it with bus.topics.ensure([...contracts]) or admin.createTopics",
      "topic t has 2 partitions, there is no partition 2",
    ]);
  });

  it("refuses a record without a key where the topic is compacted", async () => {
    const { transport, producer } = await setup();
    transport.broker.createTopic({ name: "c", partitions: 1, cleanup: "compact,delete" });
    const [keyless, keyed] = [
      { ...record(0, "x", "c"), key: null },
      { ...record(0, "x", "c"), key: Uint8Array.of(1) },
    ];
    const [refused, written] = await producer.send([keyless, keyed], { timeoutMs: 1_000 });
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: "publish_failed",
        message: "compacted topic cannot accept message without key in topic partition c-0",
        retryable: false,
        mayHaveBeenWritten: false,
      },
    });
    expect(written).toEqual({ ok: true, offset: 0 });
  });

  it("refuses a send while another is out", async () => {
    const { producer } = await setup();
    const first = producer.send([record(0, "a")], { timeoutMs: 1_000 });
    await expect(producer.send([record(0, "b")], { timeoutMs: 1_000 })).rejects.toThrow(
      "send was called while another one was out: wait until it has resolved",
    );
    await first;
  });

  it("lets the event loop turn while sends follow each other", async () => {
    const { producer } = await setup();
    let turned = false;
    setTimeout(() => {
      turned = true;
    }, 0);
    while (!turned) await producer.send([record(0, "a")], { timeoutMs: 1_000 });
  });

  it("rebalances a group that gets more partitions", async () => {
    const { transport } = await setup({}, 1);
    const { listener } = await join(transport);
    await transport.admin.addPartitions("t", 2);
    await listener.until(({ calls }) => calls.length === 2);
    expect(listener.calls).toEqual(["assigned t[0]@1", "assigned t[1]@2"]);
  });

  it("carries a million records", async () => {
    const { transport, producer } = await setup({}, 4);
    const { listener } = await join(transport);
    for (let sent = 0; sent < 1_000_000; sent += 10_000) {
      await producer.send(
        Array.from({ length: 10_000 }, (_, index) => ({ topic: "t", partition: index % 4, key: null, value: null, headers: {}, timestamp: 1 })),
        { timeoutMs: 1_000 },
      );
    }
    await listener.until(({ received }) => received.length === 1_000_000);
    expect((await transport.admin.offsets("t")).map(({ logEnd }) => logEnd)).toEqual([250_000, 250_000, 250_000, 250_000]);
  });
});

describe("MemoryBroker", () => {
  it("ends the session of a member, which loses its partitions and joins anew", async () => {
    const { transport } = await setup();
    const { broker } = transport;
    const { consumer, listener } = await join(transport);
    const [member] = broker.members("g");
    expect(member).toEqual({
      memberId: "memory-2",
      partitions: [expect.objectContaining({ partition: 0 }), expect.objectContaining({ partition: 1 })],
    });
    const commit = consumer.commit([{ topic: "t", partition: 0, epoch: 1, offset: 0, metadata: "" }]);
    await commit;
    broker.expireSession("g", "memory-2");
    await expect(consumer.commit([{ topic: "t", partition: 0, epoch: 1, offset: 9, metadata: "" }])).rejects.toMatchObject({
      code: "fenced",
      message: "group g is at generation 1 and refuses a commit of memory-2 in generation 1",
    });
    await listener.until(({ calls }) => calls.length === 3);
    expect(listener.calls).toEqual(["assigned t[0]@1 t[1]@1", "lost t[0]@1 t[1]@1", "assigned t[0]@2 t[1]@2"]);
    expect(broker.group("g").committed("t", 0)).toEqual({ offset: 0, metadata: "" });
  });

  it("takes away what a member does not give up within rebalanceTimeoutMs", async () => {
    const clock = new ManualClock();
    const broker = createMemoryBroker({ clock, rebalanceTimeoutMs: 5_000 });
    broker.createTopic({ name: "t", partitions: 2, cleanup: "delete" });
    const [slow, fast] = [new RecordingListener(), new RecordingListener()];
    let release = () => {};
    slow.onRevoked = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const owner = memory({ broker }).createConsumer(consumerOptions);
    const starts = [owner.start(slow)];
    await clock.advance(0);
    starts.push(memory({ broker }).createConsumer(consumerOptions).start(fast));
    await clock.advance(4_999);
    expect([slow.calls, fast.calls]).toEqual([["assigned t[0]@1 t[1]@1", "revoked t[1]@1"], []]);
    await clock.advance(1);
    expect(fast.calls).toEqual(["assigned t[1]@1"]);
    const late = owner.commit([{ topic: "t", partition: 1, epoch: 1, offset: 0, metadata: "too late" }]);
    await expect(late).rejects.toMatchObject({ code: "fenced" });
    expect(broker.group("g").committed("t", 1)).toBeUndefined();
    release();
    await clock.advance(0);
    expect(slow.calls.length).toBe(2);
    await Promise.all(starts);
  });

  it("stops a consumer whose next records were deleted, or moves it on, as outOfRange says", async () => {
    const { transport, producer } = await setup({}, 1);
    const listeners = await Promise.all(
      (["stop", "earliest", "latest"] as const).map(async (outOfRange) => {
        const listener = new RecordingListener();
        const consumer = transport.createConsumer({ ...consumerOptions, group: outOfRange, outOfRange });
        await consumer.start(listener);
        consumer.pause([{ topic: "t", partition: 0, epoch: 1 }]);
        return { listener, consumer };
      }),
    );
    await producer.send([record(0, "a"), record(0, "b"), record(0, "c")], { timeoutMs: 1_000 });
    transport.broker.deleteRecords("t", 0, 1);
    for (const { consumer } of listeners) consumer.resume([{ topic: "t", partition: 0, epoch: 1 }]);
    await producer.send([], { timeoutMs: 1_000 });
    await producer.send([record(0, "d")], { timeoutMs: 1_000 });
    const [stop, earliest, latest] = listeners.map(({ listener }) => listener);
    await earliest?.until(({ values }) => values.length === 3);
    await latest?.until(({ values }) => values.length === 1);
    expect([stop?.values, earliest?.values, latest?.values]).toEqual([[], ["b", "c", "d"], ["d"]]);
    expect(stop?.calls.at(-1)).toMatch(/^stopped group stop has committed offset 0 of t\[0\], but the log holds 1 to 3; records were deleted/);
    expect(transport.broker.members("stop")).toEqual([]);
  });

  it("delivers over offsets that hold no record", async () => {
    const { transport, producer } = await setup({}, 1);
    const { listener } = await join(transport);
    await producer.send([record(0, "a")], { timeoutMs: 1_000 });
    transport.broker.skipOffsets("t", 0, 3);
    await producer.send([record(0, "b")], { timeoutMs: 1_000 });
    await listener.until(({ values }) => values.length === 2);
    expect(listener.received.map(({ offset }) => offset)).toEqual([0, 4]);
    expect(transport.broker.records("t").map(({ offset }) => offset)).toEqual([0, 4]);
  });
});

describe("a rebalance", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("waits for the commits that were called before revoked resolved, seed %i", async (seed) => {
    const clock = new ManualClock();
    const broker = createMemoryBroker({ clock });
    broker.createTopic({ name: "t", partitions: 2, cleanup: "delete" });
    const join = async (index: number) => {
      const listener = new RecordingListener();
      const consumer = memory({ broker, seed: seed * 10 + index, latencyMs: { min: 1, max: 50 } }).createConsumer(consumerOptions);
      const started = consumer.start(listener);
      await clock.advance(1_000);
      await started;
      return { consumer, listener };
    };
    const first = await join(1);
    const commits: Promise<void>[] = [];
    first.listener.onRevoked = async (partitions) => {
      commits.push(first.consumer.commit(partitions.map((partition) => ({ ...partition, offset: 0, metadata: "last words" }))));
    };
    const second = await join(2);
    await Promise.all(commits);
    expect(commits.length).toBe(1);
    expect([0, 1].map((partition) => broker.group("g").committed("t", partition)?.metadata)).toEqual([undefined, "last words"]);
    expect(second.listener.calls).toEqual(["assigned t[1]@1"]);
  });
});

describe("MemoryTransport.crash", () => {
  it("goes silent, and its group goes on when the session has expired", async () => {
    const clock = new ManualClock();
    const broker = createMemoryBroker({ clock, sessionTimeoutMs: 10_000 });
    broker.createTopic({ name: "t", partitions: 1, cleanup: "delete" });
    const [dying, living] = [memory({ broker }), memory({ broker })];
    const [before, after] = [new RecordingListener(), new RecordingListener()];
    const first = dying.createConsumer(consumerOptions);
    const starts = [first.start(before)];
    await clock.advance(0);
    dying.crash();
    let settled = false;
    void first.commit([{ topic: "t", partition: 0, epoch: 1, offset: 0, metadata: "" }]).then(
      () => undefined,
      () => {
        settled = true;
      },
    );
    starts.push(living.createConsumer(consumerOptions).start(after));
    await clock.advance(9_999);
    expect([before.calls, after.calls]).toEqual([["assigned t[0]@1"], []]);
    await clock.advance(1);
    expect([before.calls, after.calls]).toEqual([["assigned t[0]@1"], ["assigned t[0]@1"]]);
    expect(settled).toBe(false);
    await dying.close();
    await Promise.all(starts);
  });
});

describe("MemoryFaults", () => {
  it("fails a send before or after it was written, one partition of it alone, and delays it", async () => {
    const clock = new ManualClock();
    let fault: MemoryFault | undefined;
    const asked: unknown[] = [];
    const transport = memory({
      clock,
      faults: {
        send({ topic, partition, records }) {
          asked.push([topic, partition, records.length]);
          return partition === 0 ? fault : undefined;
        },
      },
    });
    transport.broker.createTopic({ name: "t", partitions: 2, cleanup: "delete" });
    const connected = transport.createProducer();
    await clock.advance(0);
    const producer = await connected;
    const sendUnder = async (given: MemoryFault, timeoutMs = 1_000) => {
      fault = given;
      const sent = producer.send([record(0, "a"), record(1, "b"), record(0, "c")], { timeoutMs });
      await clock.advance(200);
      const outcomes = await sent;
      return outcomes.map((outcome) =>
        outcome.ok ? outcome.offset : [outcome.error.code, outcome.error.retryable, outcome.error.mayHaveBeenWritten],
      );
    };
    const failed = (mayHaveBeenWritten: boolean) => ["publish_failed", true, mayHaveBeenWritten];
    expect(await sendUnder({ fail: "before" })).toEqual([failed(false), 0, failed(false)]);
    expect(await sendUnder({ fail: "after" })).toEqual([failed(true), 1, failed(true)]);
    expect(await sendUnder({ delayMs: 100 })).toEqual([2, 2, 3]);
    expect(await sendUnder({ delayMs: 100 }, 99)).toEqual([failed(true), 3, failed(true)]);
    expect(await sendUnder({ fail: "before", error: new BusError("not_authorized", "no") })).toMatchObject([
      ["not_authorized", false, false],
      4,
      ["not_authorized", false, false],
    ]);
    expect(transport.broker.records("t").map(({ partition, offset }) => `${partition}/${offset}`)).toEqual([
      "0/0",
      "0/1",
      "0/2",
      "0/3",
      "1/0",
      "1/1",
      "1/2",
      "1/3",
      "1/4",
    ]);
    expect(asked.slice(0, 2)).toEqual([
      ["t", 0, 2],
      ["t", 1, 1],
    ]);
  });

  it("fails a commit before or after it was taken", async () => {
    const faults: MemoryFault[] = [{ fail: "after" }, { fail: "before" }];
    const { transport } = await setup({ faults: { commit: () => faults.shift() } });
    const { consumer } = await join(transport);
    const commit = (offset: number) => consumer.commit([{ topic: "t", partition: 0, epoch: 1, offset, metadata: "" }]);
    await expect(commit(1)).rejects.toMatchObject({
      code: "transport_failed",
      retryable: true,
      message: "commit failed after the cluster acted, as a fault asked",
    });
    expect(transport.broker.group("g").committed("t", 0)?.offset).toBe(1);
    await expect(commit(2)).rejects.toThrow("commit failed before the cluster acted, as a fault asked");
    expect(transport.broker.group("g").committed("t", 0)?.offset).toBe(1);
    await commit(3);
    expect(transport.broker.group("g").committed("t", 0)?.offset).toBe(3);
  });

  it("repeats a fetch that failed, unless it is of no use", async () => {
    const faults: MemoryFault[] = [{ fail: "before" }, {}, { fail: "before", error: new BusError("not_authorized", "no right to read t") }];
    const { transport, producer } = await setup({ faults: { fetch: () => faults.shift() } }, 1);
    const { listener } = await join(transport);
    await producer.send([record(0, "a")], { timeoutMs: 1_000 });
    await listener.until(({ values }) => values.length === 1);
    await producer.send([record(0, "b")], { timeoutMs: 1_000 });
    await listener.until(({ calls }) => calls.length === 2);
    expect(listener.calls).toEqual(["assigned t[0]@1", "stopped no right to read t"]);
    expect(listener.values).toEqual(["a"]);
  });

  it("fails connecting and the admin", async () => {
    const faults: MemoryFault[] = [{ fail: "before" }, { fail: "before" }];
    const transport = memory({
      faults: { connect: () => faults.shift(), admin: (operation) => (operation === "offsets" ? { fail: "before" } : undefined) },
    });
    await expect(transport.createProducer()).rejects.toThrow("connect failed before the cluster acted, as a fault asked");
    const consumer = transport.createConsumer(consumerOptions);
    await expect(consumer.start(new RecordingListener())).rejects.toMatchObject({ code: "transport_failed" });
    await expect(transport.admin.offsets("t")).rejects.toThrow("offsets failed before the cluster acted, as a fault asked");
    expect(await transport.admin.describeTopics(["t"])).toEqual(new Map());
  });
});

describe("a seed and a clock", () => {
  /** Three members come and go while records are written, all on one virtual clock; what each was told, and when. */
  async function history(seed: number): Promise<string[]> {
    const clock = new ManualClock();
    const begin = clock.now();
    const broker = createMemoryBroker({ clock });
    broker.createTopic({ name: "t", partitions: 4, cleanup: "delete" });
    const events: string[] = [];
    const transports = [1, 2, 3].map((each) => memory({ broker, seed: seed * 10 + each, latencyMs: { min: 1, max: 20 } }));
    for (const [index, transport] of transports.entries()) {
      const note = (what: string): void => void events.push(`${(clock.now() - begin).toFixed(3)} ${index} ${what}`);
      const noting: ConsumerListener = {
        assigned: (partitions) => note(`assigned ${partitions.map(({ partition }) => partition)}`),
        records: (batch) => note(`records ${batch.partition}: ${batch.records.map(({ offset }) => offset)}`),
        revoked: async () => note("revoked"),
        lost: () => note("lost"),
        stopped: () => note("stopped"),
      };
      const started = transport.createConsumer(consumerOptions).start(noting);
      const produced = transport.createProducer().then((producer) =>
        producer.send(
          [0, 1, 2, 3].map((partition) => record(partition, "x")),
          { timeoutMs: 1_000 },
        ),
      );
      await clock.advance(60);
      await clock.advance(200);
      await Promise.all([started, produced]);
    }
    return events;
  }

  it("decide everything", async () => {
    const first = await history(1);
    expect(await history(1)).toEqual(first);
    expect(await history(2)).not.toEqual(first);
    expect(first.length).toBeGreaterThan(12);
  });
});
