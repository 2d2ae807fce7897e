import type { Transport, TransportProducer } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { faultsOf } from "../conformance/history.js";
import { Member, type MemberHooks } from "../conformance/member.js";
import { kafkaForTests } from "../support/kafka.js";
import { JavaConsumer, type JavaMember } from "./java-consumer.js";

const { available, brokers } = await kafkaForTests();

const PARTITIONS = 6;

describe.skipIf(!available)("a group of a rolling deployment", { timeout: 120_000 }, () => {
  let transport: Transport;
  let producer: TransportProducer;
  let topic = "";
  let topics = 0;
  let members: Member[] = [];
  let javas: JavaConsumer[] = [];
  let written = 0;
  let reads: { readonly record: string; readonly ours: boolean }[] = [];
  let stopWriting = async () => {};

  beforeAll(async () => {
    transport = kafka({ brokers, consumer: { sessionTimeoutMs: 6_000 } });
    producer = await transport.createProducer();
  });
  afterAll(async () => {
    await producer?.close();
    await transport?.close();
  });
  beforeEach(async () => {
    topic = `groups-${process.pid}-${Date.now().toString(36)}-${++topics}`;
    await transport.admin.createTopics([{ name: topic, partitions: PARTITIONS, cleanup: "delete" }]);
    [members, javas, written, reads] = [[], [], 0, []];
    let over = false;
    const writing = (async () => {
      while (!over) {
        const records = Array.from({ length: PARTITIONS }, (_, partition) => ({
          topic,
          partition,
          key: null,
          value: null,
          headers: {},
          timestamp: Date.now(),
        }));
        for (const outcome of await producer.send(records, { timeoutMs: 10_000 })) if (outcome.ok) written++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    stopWriting = () => {
      over = true;
      return writing;
    };
  });
  afterEach(async () => {
    await stopWriting();
    for (const java of javas) await java[Symbol.asyncDispose]();
    for (const member of members) await member.close();
    expect(members.flatMap(({ history }) => faultsOf(history))).toEqual([]);
  });

  /** Commits what it has received when partitions are taken from it, as the engine does, and before it closes. */
  const commitReceived: MemberHooks = {
    records({ partition, records }) {
      for (const { offset } of records) reads.push({ record: `${partition}/${offset}`, ours: true });
    },
    async revoked(partitions, member) {
      for (const partition of partitions) {
        const offset = member.position(partition);
        if (offset !== undefined) await member.commit(partition, { offset });
      }
    },
  };
  const join = async (): Promise<Member> => {
    const consumer = transport.createConsumer({ group: topic, topics: [topic], from: "earliest", outOfRange: "stop" });
    const member = new Member(consumer, commitReceived, () => {});
    members.push(member);
    await consumer.start(member);
    return member;
  };
  const joinJava = async (assignor: JavaMember["assignor"]): Promise<JavaConsumer> => {
    const java = await JavaConsumer.start(brokers, topic, {
      group: topic,
      assignor,
      onRead: (partition, offset) => void reads.push({ record: `${partition}/${offset}`, ours: false }),
    });
    javas.push(java);
    return java;
  };
  const leave = async (member: Member): Promise<void> => {
    member.consumer.pause(member.owned);
    await commitReceived.revoked?.(member.owned, member);
    await member.close();
  };
  const shared = async (...counts: number[]): Promise<void> => {
    const own = () => [
      ...members.filter(({ isClosed }) => !isClosed).map(({ owned }) => owned.length),
      ...javas.map(({ assigned }) => assigned.length),
    ];
    await vi.waitUntil(() => own().join() === counts.join(), { timeout: 30_000, interval: 20 }).catch(() => expect(own()).toEqual(counts));
  };
  /** Records that nobody has read, and those that were read again after one of ours had read them. */
  const readings = async (): Promise<{ lost: number; repeated: number }> => {
    await stopWriting();
    const read = () => new Set(reads.map(({ record }) => record));
    await vi.waitUntil(() => read().size >= written, { timeout: 20_000, interval: 20 }).catch(() => {});
    const byUs = new Set<string>();
    let repeated = 0;
    for (const { record, ours } of reads) {
      // VerifiableConsumer commits what it has read in the middle of a rebalance, is refused, and leaves it at that
      if (byUs.has(record)) repeated++;
      if (ours) byUs.add(record);
    }
    return { lost: written - read().size, repeated };
  };
  const toldOf = (member: Member) =>
    member.history.flatMap(({ kind }) => (kind === "assigned" || kind === "revoked" || kind === "lost" ? [kind] : []));

  test("rebalances cooperatively with members of Java, whoever leads, and repeats nothing", async () => {
    const one = await join();
    const java = await joinJava("CooperativeStickyAssignor");
    await shared(3, 3);
    expect(toldOf(one)).toEqual(["assigned", "revoked"]);
    // now the other way around: the member of Java leads
    await leave(one);
    await shared(6);
    const two = await join();
    await shared(3, 3);
    expect(toldOf(two)).toEqual(["assigned"]);
    await java.stop();
    javas.pop();
    await shared(6);
    expect(toldOf(two)).toEqual(["assigned", "assigned"]);
    expect(await readings()).toEqual({ lost: 0, repeated: 0 });
  });

  test("shares a group with members of Java as they are by default, and loses nothing", async () => {
    const one = await join();
    const java = await joinJava("RangeAssignor,CooperativeStickyAssignor");
    await shared(3, 3);
    const two = await join();
    await shared(2, 2, 2);
    await leave(one);
    await shared(3, 3);
    await java.stop();
    javas.pop();
    await shared(6);
    expect(toldOf(two).at(0)).toBe("assigned");
    // the vote of a member of Java may turn the group to the eager protocol, and a leader of Java then takes what moves without waiting for it
    expect(await readings()).toMatchObject({ lost: 0 });
  });

  test("turns to the eager protocol when a member comes that knows no other, back when it has gone, and repeats nothing", async () => {
    const one = await join();
    const two = await join();
    await shared(3, 3);
    const old = await joinJava("RangeAssignor");
    await shared(2, 2, 2);
    const told = toldOf(one);
    // the deployment goes on: the last member that knows the range protocol only is replaced
    const three = await join();
    await vi.waitUntil(() => [one, two, three].every(({ owned }) => owned.length > 0), { timeout: 30_000 });
    expect(toldOf(one).length).toBeGreaterThan(told.length);
    await old.stop();
    javas.pop();
    await shared(2, 2, 2);
    const kept = one.owned;
    const four = await join();
    await vi.waitUntil(() => four.owned.length > 0, { timeout: 30_000 });
    expect(kept).toEqual(expect.arrayContaining([...one.owned]));
    expect(members.flatMap(({ history }) => history.filter(({ kind }) => kind === "lost"))).toEqual([]);
    expect(await readings()).toEqual({ lost: 0, repeated: 0 });
  });

  test("finds the partitions that a topic gets, and keeps the others as they are", async () => {
    const attentive = kafka({ brokers, consumer: { sessionTimeoutMs: 6_000, metadataMaxAgeMs: 500 } });
    const consumer = attentive.createConsumer({ group: topic, topics: [topic], from: "earliest", outOfRange: "stop" });
    const member = new Member(consumer, commitReceived, () => {});
    members.push(member);
    await consumer.start(member);
    const before = member.owned;
    await attentive.admin.addPartitions(topic, PARTITIONS + 2);
    await shared(PARTITIONS + 2);
    expect(member.owned).toEqual(expect.arrayContaining([...before]));
    expect(toldOf(member)).toEqual(["assigned", "assigned"]);
    await member.close();
    await attentive.close();
  });
});
