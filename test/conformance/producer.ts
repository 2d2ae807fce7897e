import { expect, it } from "vitest";
import { bytes, type Fixture, record, text } from "./fixture.js";

const offsetsOf = (outcomes: readonly object[]) => outcomes.map((outcome) => ("offset" in outcome ? outcome.offset : outcome));

/** Acknowledgement, order, partial failure and fidelity of what is sent. */
export function producerConformance(current: () => Fixture): void {
  it("acknowledges every record with its offset, at its index", async () => {
    const topic = await current().topic(2);
    const first = await current().send([record(topic, 0, "a"), record(topic, 1, "b"), record(topic, 0, "c")]);
    const second = await current().send([record(topic, 1, "d"), record(topic, 0, "e")]);
    expect(offsetsOf(first)).toEqual([0, 0, 1]);
    expect(offsetsOf(second)).toEqual([1, 2]);
  });

  it("answers an empty send with no outcomes", async () => {
    expect(await current().send([])).toEqual([]);
  });

  it("writes the records of a send, and of consecutive sends, in the order given", async () => {
    const topic = await current().topic(2);
    for (const send of [0, 1, 2]) {
      await current().send(Array.from({ length: 40 }, (_, index) => record(topic, index % 2, `${send}:${index}`)));
    }
    const member = await current().join({ group: topic, topics: [topic] });
    await current().values(member, 120);
    for (const partition of [0, 1]) {
      const expected = [0, 1, 2].flatMap((send) => Array.from({ length: 20 }, (_, index) => `${send}:${index * 2 + partition}`));
      expect(member.received.filter((each) => each.partition === partition).map((each) => text(each.value))).toEqual(expected);
    }
  });

  it("fails records of an unknown topic alone, with unknown_topic", async () => {
    const topic = await current().topic();
    const missing = current().uniqueName();
    const outcomes = await current().send([record(topic, 0, "a"), record(missing, 0, "b"), record(topic, 0, "c")]);
    expect(outcomes).toMatchObject([
      { ok: true, offset: 0 },
      { ok: false, error: { name: "BusError", code: "unknown_topic", mayHaveBeenWritten: false } },
      { ok: true, offset: 1 },
    ]);
    expect(await current().transport.admin.describeTopics([missing])).toEqual(new Map());
  });

  it("can send to a topic that was created after a send to it failed", async () => {
    const topic = current().uniqueName();
    expect(await current().send([record(topic, 0, "a")])).toMatchObject([{ ok: false, error: { code: "unknown_topic" } }]);
    await current().transport.admin.createTopics([{ name: topic, partitions: 1, cleanup: "delete" }]);
    expect(offsetsOf(await current().send([record(topic, 0, "b")]))).toEqual([0]);
  });

  it("tells null, empty and present keys and values apart", async () => {
    const topic = await current().topic();
    const [empty, some] = [new Uint8Array(), bytes("x")];
    const pairs = [null, empty, some].flatMap((key) => [null, empty, some].map((value) => ({ key, value })));
    await current().send(pairs.map((pair) => record(topic, 0, "", pair)));
    const member = await current().join({ group: topic, topics: [topic] });
    await current().values(member, pairs.length);
    const plain = ({ key, value }: { key: Uint8Array | null; value: Uint8Array | null }) => [key && [...key], value && [...value]];
    expect(member.received.map(plain)).toEqual(pairs.map(plain));
  });

  it("keeps every byte of keys, values and headers, and headers with several values", async () => {
    const topic = await current().topic();
    const everyByte = Uint8Array.from({ length: 256 }, (_, index) => index);
    const headers = {
      binary: everyByte,
      empty: new Uint8Array(),
      several: [bytes("1"), new Uint8Array(), bytes("1"), bytes("2")],
      "naïve ключ": bytes("é"),
    };
    await current().send([record(topic, 0, "", { key: everyByte, value: everyByte, headers }), record(topic, 0, "plain")]);
    const member = await current().join({ group: topic, topics: [topic] });
    await current().values(member, 2);
    const [first, second] = member.received;
    expect([...(first?.key ?? [])]).toEqual([...everyByte]);
    expect([...(first?.value ?? [])]).toEqual([...everyByte]);
    const plain = Object.fromEntries(
      Object.entries(first?.headers ?? {}).map(([name, value]) => [name, value instanceof Uint8Array ? [...value] : value.map((each) => [...each])]),
    );
    expect(plain).toEqual({ binary: [...everyByte], empty: [], several: [[49], [], [49], [50]], "naïve ключ": [0xc3, 0xa9] });
    expect(second?.headers).toEqual({});
  });

  it("keeps the timestamps given, in any order", async () => {
    const topic = await current().topic();
    const now = Date.now();
    // not so old that the retention of the topic would delete them
    const timestamps = [now - 60_001, now - 3_600_000, now - 60_002];
    await current().send(timestamps.map((timestamp) => record(topic, 0, "x", { timestamp })));
    const member = await current().join({ group: topic, topics: [topic] });
    await current().values(member, 3);
    expect(member.received.map((each) => each.timestamp)).toEqual(timestamps);
  });

  it("writes the bytes of the moment of the send", async () => {
    const topic = await current().topic();
    const value = bytes("before");
    await current().send([record(topic, 0, "", { value })]);
    value.set(bytes("after!"));
    const member = await current().join({ group: topic, topics: [topic] });
    expect(await current().values(member, 1)).toEqual(["before"]);
  });

  it("takes big sends and big records", async () => {
    const topic = await current().topic(3);
    const padding = "x".repeat(200);
    const many = Array.from({ length: 6_000 }, (_, index) => record(topic, index % 3, `${index}:${padding}`));
    expect(offsetsOf(await current().send(many))).toEqual(many.map((_, index) => Math.floor(index / 3)));
    const big = "y".repeat(900_000);
    expect(offsetsOf(await current().send([record(topic, 0, big)]))).toEqual([2_000]);
    const member = await current().join({ group: topic, topics: [topic] });
    const values = await current().values(member, 6_001);
    expect(values.length).toBe(6_001);
    expect(values.filter((value) => value === big).length).toBe(1);
  });

  it("waits on close for the send that is out, and refuses another with closed", async () => {
    const topic = await current().topic();
    const producer = await current().transport.createProducer();
    let settled = false;
    const sending = producer.send([record(topic, 0, "a")], { timeoutMs: 15_000 }).finally(() => {
      settled = true;
    });
    await producer.close();
    expect(settled).toBe(true);
    expect(offsetsOf(await sending)).toEqual([0]);
    await expect(producer.send([record(topic, 0, "b")], { timeoutMs: 15_000 })).rejects.toMatchObject({ name: "BusError", code: "closed" });
    await producer.close();
  });
}
