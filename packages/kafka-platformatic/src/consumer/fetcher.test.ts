import { describe, expect, test } from "vitest";
import { ConnectionFault, faultType } from "../client/faults.js";
import type { Answer, Arguments } from "../client/requests.js";
import { resolveKafkaOptions } from "../options/options.js";
import { CODES, type CodeName, metadataOf, scriptedCluster } from "../testing/scripted-client.js";
import { Fetcher } from "./fetcher.js";
import { OwnedPartition } from "./owned-partition.js";

/** How long a broker holds a fetch for which it has nothing. */
const HOLD_MS = 50;

/** Logs of topic `t`, on the brokers that lead them, and a fetcher that reads them; what is asked is kept as `broker partition@offset …`. */
class Logs {
  readonly asked: string[] = [];
  readonly delivered: string[] = [];
  readonly outOfRange: number[] = [];
  readonly faults: string[] = [];
  /** By partition, what the next fetches say of it before they say what is there. */
  readonly script = new Map<number, (CodeName | ConnectionFault)[]>();
  readonly ends = [0, 0, 0];
  leaders: readonly number[] | undefined = [1, 1, 2];
  topicId = "id-of-t";
  readonly owned = [0, 1, 2].map((partition) => new OwnedPartition("t", partition, 1));
  readonly scripted = scriptedCluster({
    Metadata: async (to, ...args) => {
      const answer = await metadataOf(this.leaders === undefined ? {} : { t: this.leaders })(to, ...args);
      return { ...answer, topics: answer.topics.map((topic) => ({ ...topic, topicId: this.topicId })) };
    },
    Fetch: (to, ...args) => this.#fetch(Number(to.broker), args),
  });
  readonly fetcher = new Fetcher({
    cluster: this.scripted.cluster,
    tuning: resolveKafkaOptions({ brokers: ["a:1"] }, {}).consumer,
    onRecords: (owned, records, logEnd) => {
      this.delivered.push(`${owned.partition}:${records.map(({ offset }) => offset).join()}/${logEnd}`);
      this.onDelivered(owned);
    },
    onOutOfRange: ({ partition }) => void this.outOfRange.push(partition),
    onFault: (error) => void this.faults.push(faultType(error)),
  });
  onDelivered = (_owned: OwnedPartition): void => {};

  async #fetch(broker: number, args: Arguments<"Fetch">): Promise<Answer<"Fetch">> {
    const topics = args[6];
    const requested = topics.flatMap(({ partitions }) => partitions);
    this.asked.push(`${broker} ${requested.map(({ partition, fetchOffset }) => `${partition}@${fetchOffset}`).join(" ")}`);
    const has = () =>
      requested.some(({ partition, fetchOffset }) => this.#said(partition) !== undefined || Number(fetchOffset) < (this.ends[partition] ?? 0));
    for (let waited = 0; !has() && waited < HOLD_MS; waited += 5) {
      await new Promise<void>((resolve) => void this.scripted.clock.schedule(5, resolve));
    }
    const partitions = requested.map(({ partition, fetchOffset }) => this.#answer(partition, Number(fetchOffset)));
    return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, responses: topics.map(({ topicId }) => ({ topicId, partitions })) };
  }

  #said(partition: number): CodeName | ConnectionFault | undefined {
    return this.script.get(partition)?.[0];
  }

  #answer(partitionIndex: number, from: number): Answer<"Fetch">["responses"][number]["partitions"][number] {
    const said = this.script.get(partitionIndex)?.shift() ?? "NONE";
    if (said instanceof ConnectionFault) throw said;
    const end = this.ends[partitionIndex] ?? 0;
    const records = Array.from({ length: Math.max(0, end - from) }, (_, offsetDelta) => ({
      length: 0,
      attributes: 0,
      timestampDelta: 0n,
      offsetDelta,
      key: null,
      value: null,
      headers: [],
    }));
    const batch = {
      firstOffset: BigInt(from),
      length: 0,
      partitionLeaderEpoch: 0,
      magic: 2,
      crc: 0,
      attributes: 0,
      lastOffsetDelta: records.length - 1,
      firstTimestamp: 0n,
      maxTimestamp: 0n,
      producerId: -1n,
      producerEpoch: 0,
      firstSequence: 0,
      records,
    };
    return {
      partitionIndex,
      errorCode: CODES[said],
      highWatermark: BigInt(end),
      lastStableOffset: BigInt(end),
      logStartOffset: 0n,
      abortedTransactions: null,
      preferredReadReplica: -1,
      records: said === "NONE" && records.length > 0 ? [batch] : null,
    };
  }

  advance(ms: number): Promise<void> {
    return this.scripted.clock.advance(ms);
  }

  partition(index: number): OwnedPartition {
    const owned = this.owned[index];
    if (owned === undefined) throw new Error(`there is no partition ${index}`);
    return owned;
  }
}

describe("Fetcher", () => {
  test("asks each leader for all that it leads, one fetch at a time, and goes on where it is", async () => {
    const logs = new Logs();
    logs.fetcher.add(logs.owned);
    await logs.advance(10);
    expect(logs.asked).toEqual(["1 0@0 1@0", "2 2@0"]);
    logs.ends[1] = 3;
    await logs.advance(10);
    expect(logs.delivered).toEqual(["1:0,1,2/3"]);
    // who had nothing comes first now
    expect(logs.asked[2]).toBe("1 0@0 1@3");
    logs.fetcher.stop();
  });

  test("does not ask for what is paused, and asks for it at once when it is not any more", async () => {
    const logs = new Logs();
    for (const owned of logs.owned) owned.paused = true;
    logs.fetcher.add(logs.owned);
    await logs.advance(1_000);
    expect(logs.asked).toEqual([]);
    logs.partition(1).paused = false;
    logs.fetcher.wake();
    await logs.advance(5);
    expect(logs.asked).toEqual(["1 1@0"]);
    logs.fetcher.stop();
  });

  test("drops what comes of a partition that was given up, or given up and taken again", async () => {
    const logs = new Logs();
    logs.fetcher.add(logs.owned);
    await logs.advance(10);
    logs.fetcher.remove([logs.partition(0)]);
    const again = new OwnedPartition("t", 0, 2);
    again.next = 1;
    logs.fetcher.add([again]);
    logs.ends[0] = 2;
    await logs.advance(100);
    expect(logs.delivered).toEqual(["0:1/2"]);
    logs.fetcher.stop();
  });

  test.each(["NOT_LEADER_OR_FOLLOWER", "UNKNOWN_TOPIC_OR_PARTITION"] as const)(
    "asks for the layout on %s, and holds up nobody else",
    async (code) => {
      const logs = new Logs();
      logs.script.set(0, [code]);
      logs.ends[0] = 1;
      logs.ends[1] = 1;
      logs.fetcher.add(logs.owned);
      // the leader moves when the layout has been told
      await logs.advance(1);
      logs.leaders = [2, 1, 2];
      await logs.advance(4);
      expect(logs.delivered).toEqual(["1:0/1"]);
      await logs.advance(200);
      expect(logs.delivered).toEqual(["1:0/1", "0:0/1"]);
      expect(logs.asked.some((asked) => asked.startsWith("2 ") && asked.includes("0@0"))).toBe(true);
      logs.fetcher.stop();
    },
  );

  test("repeats a fetch that nobody answered", async () => {
    const logs = new Logs();
    logs.script.set(2, [new ConnectionFault("gone", { sent: true }), new ConnectionFault("gone", { sent: true })]);
    logs.ends[2] = 1;
    logs.fetcher.add(logs.owned);
    await logs.advance(1_000);
    expect(logs.delivered).toEqual(["2:0/1"]);
    logs.fetcher.stop();
  });

  test("tells of an offset that is out of range, and leaves that partition alone", async () => {
    const logs = new Logs();
    logs.script.set(0, ["OFFSET_OUT_OF_RANGE"]);
    logs.fetcher.add(logs.owned);
    await logs.advance(500);
    expect(logs.outOfRange).toEqual([0]);
    expect(logs.asked.slice(1).filter((asked) => asked.includes("0@"))).toEqual([]);
    logs.fetcher.stop();
  });

  test("ends with a topic that stays away for more than a second, that is another one by now, or that is forbidden", async () => {
    const gone = new Logs();
    gone.fetcher.add(gone.owned);
    await gone.advance(10);
    gone.leaders = undefined;
    gone.script.set(0, ["UNKNOWN_TOPIC_OR_PARTITION"]);
    await gone.advance(500);
    expect(gone.faults).toEqual([]);
    await gone.advance(5_000);
    expect(gone.faults).toEqual(["UNKNOWN_TOPIC_OR_PARTITION"]);

    const another = new Logs();
    another.fetcher.add(another.owned);
    await another.advance(10);
    another.topicId = "another";
    another.script.set(0, ["NOT_LEADER_OR_FOLLOWER"]);
    await another.advance(1_000);
    expect(another.faults).toEqual(["UNKNOWN_TOPIC_ID"]);

    const forbidden = new Logs();
    forbidden.script.set(0, ["TOPIC_AUTHORIZATION_FAILED"]);
    forbidden.fetcher.add(forbidden.owned);
    await forbidden.advance(100);
    expect(forbidden.faults).toEqual(["TOPIC_AUTHORIZATION_FAILED"]);
    const asked = forbidden.asked.length;
    await forbidden.advance(1_000);
    expect(forbidden.asked.length).toBe(asked);
  });

  test("can be stopped, and partitions be paused, from within a delivery", async () => {
    const logs = new Logs();
    logs.onDelivered = (owned) => {
      owned.paused = true;
    };
    logs.ends[0] = 2;
    logs.fetcher.add(logs.owned);
    await logs.advance(100);
    logs.ends[0] = 4;
    await logs.advance(100);
    expect(logs.delivered).toEqual(["0:0,1/2"]);
    logs.onDelivered = () => logs.fetcher.stop();
    logs.ends[1] = 1;
    await logs.advance(100);
    logs.ends[1] = 2;
    await logs.advance(100);
    expect(logs.delivered).toEqual(["0:0,1/2", "1:0/1"]);
  });
});
