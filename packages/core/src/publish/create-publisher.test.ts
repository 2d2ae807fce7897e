import { describe, expect, it } from "vitest";
import { BusError } from "../errors.js";
import { settled } from "../testing/manual-clock.js";
import { celsiusOf, failure, reading, setupPublisher as setup } from "../testing/publisher-setup.js";
import { CurrentReading, Reading } from "../testing/reading.js";
import { headerText } from "../transport/record.js";
import { partitionForKey } from "./partitioner.js";

const writtenOnce = new BusError("transport_failed", "connection reset", { retryable: true, mayHaveBeenWritten: true });

describe("createPublisher", () => {
  it("sends what was published with its key, headers, partition and time", async () => {
    const { publisher, transport, clock } = setup();
    const receipt = await publisher.publish(Reading, reading("a", 21));
    const partition = partitionForKey(Buffer.from("a"), 4);
    expect(receipt).toEqual({ topic: "lab.readings", partition, offset: 0 });
    const [record] = transport.sends[0]?.records ?? [];
    expect(record).toMatchObject({ topic: "lab.readings", partition, timestamp: clock.now() });
    expect(Buffer.from(record?.key ?? []).toString()).toBe("a");
    expect(celsiusOf(record)).toBe(21);
    const headers = record?.headers ?? {};
    expect(Object.keys(headers)).toEqual(["content-type", "bus-message-type", "bus-message-id", "bus-service"]);
    expect(headerText(headers, "content-type")).toBe("application/protobuf");
    expect(headerText(headers, "bus-message-type")).toBe("lab.v1.Reading");
    expect(headerText(headers, "bus-service")).toBe("lab");
    expect(headerText(headers, "bus-message-id")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
  });

  it("adds the caller's headers and lets those of the library win", async () => {
    const { publisher, transport } = setup();
    await publisher.publish(Reading, reading("a"), { headers: { tenant: "ünï", raw: Uint8Array.of(1), "bus-service": "forged" }, timestamp: 7 });
    const [record] = transport.sends[0]?.records ?? [];
    expect(headerText(record?.headers ?? {}, "tenant")).toBe("ünï");
    expect(record?.headers.raw).toEqual(Uint8Array.of(1));
    expect(headerText(record?.headers ?? {}, "bus-service")).toBe("lab");
    expect(record?.timestamp).toBe(7);
  });

  it("refuses what breaks the contract, and sends nothing", async () => {
    const { publisher, transport } = setup();
    const error = await failure(publisher.publish(Reading, reading("a", -300)));
    expect(error.code).toBe("contract_violation");
    expect(error.message).toBe("lab.v1.Reading breaks its contract: celsius: must be at least -273.15, is -300");
    expect(error.violations).toEqual([{ path: "celsius", rule: "double.gte", message: "must be at least -273.15, is -300" }]);
    await settled();
    expect(transport.sends).toEqual([]);
  });

  it.each([
    [{ timestamp: Number.NaN }, "publish: timestamp NaN must be an integer >= 0, in ms since the epoch"],
    [{ deliveryTimeoutMs: 0 }, "publish: deliveryTimeoutMs 0 must be > 0"],
    // the types refuse it; a caller in JavaScript can pass it
    [{ headers: { n: 1 as unknown as string } }, "header n must be a string or a Uint8Array, is number"],
  ])("refuses the options %o", async (options, message) => {
    const error = await failure(setup().publisher.publish(Reading, reading("a"), options));
    expect([error.code, error.message]).toEqual(["invalid_options", message]);
  });

  it("refuses a contract without a topic", async () => {
    const { topic: _, ...part } = Reading;
    const error = await failure(setup().publisher.publish(part, reading("a")));
    expect([error.code, error.message]).toEqual([
      "invalid_options",
      "lab.v1.Reading has no topic: declare one on the message with option (org.bus.v1.topic)",
    ]);
  });

  describe("gathering", () => {
    it("sends the calls of one turn together, also those that were made in promises", async () => {
      const { publisher, transport } = setup();
      await Promise.all(
        [1, 2, 3].map(async (celsius) => {
          for (let hop = 0; hop < celsius; hop++) await Promise.resolve();
          return publisher.publish(Reading, reading("a", celsius));
        }),
      );
      expect(transport.sends.map((send) => send.records.map(celsiusOf))).toEqual([[1, 2, 3]]);
    });

    it("sends one batch at a time; what comes meanwhile goes with the next, in order", async () => {
      const { publisher, transport } = setup();
      transport.automatic = false;
      const first = publisher.publish(Reading, reading("a", 1));
      const one = await transport.nth(0);
      const others = [2, 3, 4].map((celsius) => publisher.publish(Reading, reading("a", celsius)));
      await settled();
      expect(transport.sends.length).toBe(1);
      one.answer();
      const two = await transport.nth(1);
      expect(two.records.map(celsiusOf)).toEqual([2, 3, 4]);
      two.answer();
      expect((await Promise.all([first, ...others])).map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
    });

    it("keeps to maxBatchRecords and maxBatchBytes", async () => {
      const byRecords = setup({ maxBatchRecords: 2 });
      await Promise.all([1, 2, 3, 4, 5].map((celsius) => byRecords.publisher.publish(Reading, reading("a", celsius))));
      expect(byRecords.transport.sends.map(({ records }) => records.length)).toEqual([2, 2, 1]);
      const byBytes = setup({ maxBatchBytes: 600 });
      await Promise.all([1, 2, 3].map((celsius) => byBytes.publisher.publish(Reading, reading("a", celsius))));
      expect(byBytes.transport.sends.map(({ records }) => records.length)).toEqual([2, 1]);
    });

    it("waits lingerMs for others, but no longer than until the batch is full or the publisher closes", async () => {
      const { publisher, transport, clock } = setup({ lingerMs: 50, maxBatchRecords: 3 });
      const first = publisher.publish(Reading, reading("a", 1));
      await clock.advance(30);
      const second = publisher.publish(Reading, reading("a", 2));
      await clock.advance(19);
      expect(transport.sends.length).toBe(0);
      await clock.advance(1);
      await Promise.all([first, second]);
      expect(transport.sends.map(({ records }) => records.length)).toEqual([2]);
      await Promise.all([3, 4, 5].map((celsius) => publisher.publish(Reading, reading("a", celsius))));
      expect(transport.sends.map(({ records }) => records.length)).toEqual([2, 3]);
      const last = publisher.publish(Reading, reading("a", 6));
      await settled();
      await publisher.close();
      expect((await last).offset).toBe(5);
    });

    it("puts keyless messages of a batch into one partition, and those of the next into another", async () => {
      const { publisher, transport } = setup({ maxBatchRecords: 2 });
      await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((celsius) => publisher.publish(Reading, reading("", celsius))));
      const partitions = transport.sends.map(({ records }) => [...new Set(records.map(({ partition }) => partition))]);
      expect(partitions.every((used) => used.length === 1)).toBe(true);
      expect(partitions.flat().toSorted()).toEqual([0, 1, 2, 3]);
    });

    it("leaves messages past maxBufferedBytes unencoded until there is room, in order", async () => {
      const { publisher, transport } = setup({ maxBufferedBytes: 500, maxBatchRecords: 2 });
      transport.automatic = false;
      const encoded: number[] = [];
      const Watched = {
        ...Reading,
        encode: (message: Reading) => {
          encoded.push(message.celsius);
          return Reading.encode(message);
        },
      };
      const all = Promise.all([1, 2, 3, 4, 5].map((celsius) => publisher.publish(Watched, reading("a", celsius))));
      expect(encoded).toEqual([1, 2, 3]);
      (await transport.nth(0)).answer();
      (await transport.nth(1)).answer();
      expect(encoded).toEqual([1, 2, 3, 4]);
      (await transport.nth(2)).answer();
      expect((await all).map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4]);
    });

    it("refuses a message above maxBatchBytes alone", async () => {
      const { publisher, transport } = setup({ maxBatchBytes: 300 });
      const [small, large, other] = await Promise.allSettled([
        publisher.publish(Reading, reading("a")),
        publisher.publish(Reading, { ...reading("a"), homeAddress: "x".repeat(300) }),
        publisher.publish(Reading, reading("a")),
      ]);
      expect([small.status, large.status, other.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
      const error = large.status === "rejected" ? (large.reason as BusError) : undefined;
      expect(error?.code).toBe("record_too_large");
      expect(error?.message).toMatch(
        /^lab\.v1\.Reading for topic lab\.readings is too large: \d+ bytes with its key and headers, the limit is 300 \(publish/,
      );
      expect(error?.mayHaveBeenWritten).toBe(false);
      expect(transport.sends.flatMap(({ records }) => records).length).toBe(2);
    });
  });

  describe("an unknown topic", () => {
    it("is an error that names the remedy, and is asked about once", async () => {
      const { publisher, transport, clock } = setup();
      transport.topics.clear();
      const first = await failure(publisher.publish(Reading, reading("a")));
      expect(first.code).toBe("unknown_topic");
      expect(first.message).toBe("topic lab.readings does not exist; create it with bus.topics.ensure([Reading])");
      await failure(publisher.publish(Reading, reading("a")));
      expect(transport.described).toEqual(["lab.readings"]);
      transport.topics.set("lab.readings", 1);
      await clock.advance(1_000);
      await publisher.publish(Reading, reading("a"));
      expect(transport.described).toEqual(["lab.readings", "lab.readings"]);
    });

    it("does not hold up messages for other topics", async () => {
      const { publisher, transport } = setup();
      transport.topics.delete("lab.readings");
      const results = await Promise.allSettled([publisher.publish(Reading, reading("a")), publisher.publish(CurrentReading, reading("a"))]);
      expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
    });

    it("asks again about a topic that a send did not find", async () => {
      const { publisher, transport } = setup();
      transport.automatic = false;
      const lost = failure(publisher.publish(Reading, reading("a")));
      (await transport.nth(0)).answer(() => new BusError("unknown_topic", "no such topic"));
      expect((await lost).message).toBe("topic lab.readings does not exist; create it with bus.topics.ensure([Reading])");
      transport.topics.set("lab.readings", 1);
      const found = publisher.publish(Reading, reading("a"));
      const again = await transport.nth(1);
      again.answer();
      expect((await found).partition).toBe(0);
    });
  });

  describe("publishAll", () => {
    it("gives receipts in order", async () => {
      const { publisher } = setup();
      const receipts = await publisher.publishAll(Reading, [reading("a"), reading("b"), reading("a")]);
      expect(receipts.map(({ offset }) => offset)).toEqual([0, 1, 2]);
      expect(await publisher.publishAll(Reading, [])).toEqual([]);
    });

    it("sends nothing when one message breaks the contract, and names all faults", async () => {
      const { publisher, transport } = setup();
      const error = await failure(publisher.publishAll(Reading, [reading("a", -300), reading("a"), reading("b", -400)]));
      expect(error.violations.map(({ path }) => path)).toEqual(["[0].celsius", "[2].celsius"]);
      await settled();
      expect(transport.sends).toEqual([]);
    });

    it("says which were written, which not and of which it is not known", async () => {
      const { publisher, transport } = setup();
      transport.automatic = false;
      const result = failure(publisher.publishAll(Reading, [reading("a", 1), reading("b", 2), reading("c", 3)]));
      (await transport.nth(0)).answer((_, index) => (index === 1 ? new BusError("not_authorized", "no") : index === 2 ? writtenOnce : undefined));
      const error = await result;
      expect(error.code).toBe("publish_failed");
      expect(error.message).toBe("2 of 3 messages were not published: no");
      expect(error.details).toEqual({ written: [0], notWritten: [1], unknown: [2] });
      expect(error.mayHaveBeenWritten).toBe(true);
    });

    it("keeps the code that all failures share when nothing was written", async () => {
      const { publisher, transport } = setup();
      transport.topics.clear();
      const error = await failure(publisher.publishAll(Reading, [reading("a"), reading("b")]));
      expect([error.code, error.details]).toEqual(["unknown_topic", { written: [], notWritten: [0, 1], unknown: [] }]);
    });
  });

  it("publishTombstone writes a null value under the key, on compacted topics only", async () => {
    const { publisher, transport } = setup();
    await publisher.publishTombstone(CurrentReading, "a");
    await publisher.publishTombstone(CurrentReading, 12n);
    const records = transport.sends.flatMap((send) => send.records);
    expect(records.map(({ value }) => value)).toEqual([null, null]);
    expect(records.map(({ key }) => Buffer.from(key ?? []).toString())).toEqual(["a", "12"]);
    const error = await failure(publisher.publishTombstone(Reading as typeof CurrentReading, "a"));
    expect(error.message).toBe("lab.v1.Reading has no tombstones: the cleanup of topic lab.readings is delete, not compact");
    const unsafe = await failure(publisher.publishTombstone(CurrentReading, 0.5));
    expect(unsafe.message).toBe("key 0.5 must be a string, a safe integer, a bigint or a Uint8Array");
  });

  it("sendRaw writes the record as it is, to the partition given", async () => {
    const { publisher, transport } = setup();
    const raw = { topic: "lab.readings", key: Buffer.from("a"), value: null, headers: { h: Uint8Array.of(1) }, timestamp: 5 };
    await publisher.sendRaw({ ...raw, partition: 3 });
    await publisher.sendRaw(raw);
    expect(transport.sends.flatMap((send) => send.records)).toEqual([
      { ...raw, partition: 3 },
      { ...raw, partition: partitionForKey(raw.key, 4) },
    ]);
  });

  it("sendRaw names no contract for a topic that does not exist", async () => {
    const { publisher } = setup();
    const raw = { topic: "lab.other", key: null, value: null, headers: {}, timestamp: 5 };
    const error = await failure(publisher.sendRaw(raw));
    expect([error.code, error.message]).toEqual(["unknown_topic", "topic lab.other does not exist; create it"]);
  });

  describe("close", () => {
    it("sends what is buffered, closes the producer, and refuses what comes later", async () => {
      const { publisher, transport } = setup();
      const last = publisher.publish(Reading, reading("a"));
      await Promise.all([publisher.close(), publisher.close()]);
      expect((await last).offset).toBe(0);
      expect(transport.closedProducers).toBe(1);
      const error = await failure(publisher.publish(Reading, reading("a")));
      expect([error.code, error.message]).toEqual(["closed", "lab.v1.Reading was not published to lab.readings: the bus is closed"]);
    });

    it("makes no producer when nothing was published", async () => {
      const { publisher, transport } = setup();
      await publisher.close();
      expect(transport.closedProducers).toBe(0);
    });
  });
});
