import type { OutgoingRecord, SendOutcome } from "@org/bus-core";
import { describe, expect, test } from "vitest";
import { ConnectionFault } from "../client/faults.js";
import { CODES, type CodeName, metadataOf, type ScriptedCluster, scriptedCluster } from "../testing/scripted-client.js";
import { KafkaProducer } from "./producer.js";

/** What the broker says of one batch; a fault is what the whole request fails with. */
type Said = CodeName | { readonly code: CodeName; readonly records: Readonly<Record<number, string>> } | ConnectionFault;

const noAnswer = new ConnectionFault("the connection is gone", { sent: true });
const notSent = new ConnectionFault("no connection", { sent: false });

/** A cluster whose topic `t` has three partitions, led by the brokers 1, 1 and 2, and that answers produce requests as scripted, then acknowledges. */
class Brokers {
  readonly requests: string[] = [];
  readonly scripted: ScriptedCluster;
  leaders = [1, 1, 2];
  identities = 0;
  onRequest = (): void => {};
  readonly #script: Map<string, Said[]>;

  /** @param script by partition */
  constructor(script: Readonly<Record<number, readonly Said[]>> = {}) {
    this.#script = new Map(Object.entries(script).map(([partition, said]) => [partition, [...said]]));
    this.scripted = scriptedCluster({
      Metadata: (to, ...args) => metadataOf({ t: this.leaders })(to, ...args),
      InitProducerId: () => ({ throttleTimeMs: 0, errorCode: 0, producerId: BigInt(++this.identities), producerEpoch: 0 }),
      Produce: (to, _acks, _timeout, messages, options) => this.#produce(Number(to.broker), messages, options),
    });
  }

  #produce(broker: number, messages: readonly Message[], options: Options | undefined): ReturnType<NonNullable<ScriptedHandlers["Produce"]>> {
    const byPartition = Map.groupBy(messages, ({ partition }) => partition ?? -1);
    const said = [...byPartition].map(([partition, ofPartition]) => {
      const sequence = options?.sequences?.get(`t:${partition}`);
      const text = ofPartition.map(({ value }) => String(value)).join("");
      return {
        partition,
        said: this.#script.get(String(partition))?.shift() ?? "NONE",
        text: `${partition}:${text}@${options?.producerId}.${sequence}`,
      };
    });
    this.requests.push(`${broker} ${said.map(({ text }) => text).join(" ")}`);
    this.onRequest();
    for (const { said: each } of said) if (each instanceof ConnectionFault) throw each;
    return {
      throttleTimeMs: 0,
      responses: [{ name: "t", partitionResponses: said.map(({ partition, said: each }) => response(partition, each)) }],
    };
  }

  /** `a0` is a record with value `a` for partition 0. */
  async send(texts: readonly string[], timeoutMs = 60_000, producer = this.producer()): Promise<readonly SendOutcome[]> {
    return this.scripted.clock.runUntilSettled(producer.send(texts.map(toRecord), { timeoutMs }));
  }

  producer(): KafkaProducer {
    return new KafkaProducer({ cluster: this.scripted.cluster, compression: "none", requestTimeoutMs: 30_000 });
  }
}

type ScriptedHandlers = ScriptedCluster["client"]["handlers"];
type Message = Parameters<NonNullable<ScriptedHandlers["Produce"]>>[3][number];
type Options = Parameters<NonNullable<ScriptedHandlers["Produce"]>>[4];

function response(index: number, said: Said) {
  const code = typeof said === "string" ? said : said instanceof ConnectionFault ? "NONE" : said.code;
  const records = typeof said === "object" && "records" in said ? said.records : {};
  return {
    index,
    errorCode: CODES[code],
    baseOffset: 10n,
    logAppendTimeMs: -1n,
    logStartOffset: 0n,
    recordErrors: Object.entries(records).map(([batchIndex, text]) => ({ batchIndex: Number(batchIndex), batchIndexErrorMessage: text })),
    errorMessage: null,
  };
}

const toRecord = (text: string): OutgoingRecord => ({
  topic: text.length > 2 ? "missing" : "t",
  partition: Number(text.slice(1, 2)),
  key: null,
  value: Buffer.from(text.slice(0, 1)),
  headers: {},
  timestamp: 1,
});

const summary = (outcomes: readonly SendOutcome[]) =>
  outcomes.map((outcome) => (outcome.ok ? outcome.offset : `${outcome.error.code}${outcome.error.mayHaveBeenWritten ? ", perhaps written" : ""}`));

describe("Send", () => {
  test("writes the records of each leader by one request, in order, and tells the offset of each", async () => {
    const brokers = new Brokers();
    expect(summary(await brokers.send(["a0", "b1", "c2", "d0"]))).toEqual([10, 10, 10, 11]);
    expect(brokers.requests).toEqual(["1 0:ad@1.0 1:b@1.0", "2 2:c@1.0"]);
  });

  test("numbers the records of a partition over several sends", async () => {
    const brokers = new Brokers();
    const producer = brokers.producer();
    await brokers.send(["a0", "b0", "c1"], 60_000, producer);
    await brokers.send(["d0", "e1"], 60_000, producer);
    expect(brokers.requests[1]).toBe("1 0:d@1.2 1:e@1.1");
  });

  test.each([
    ["when nobody answers", [noAnswer]],
    ["when nothing could be sent", [notSent]],
    ["when the leader has moved", ["NOT_LEADER_OR_FOLLOWER"]],
    ["when replicas are missing", ["NOT_ENOUGH_REPLICAS", "NOT_ENOUGH_REPLICAS"]],
  ] as const)("repeats the same records under the same numbers %s", async (_, said) => {
    const brokers = new Brokers({ 0: said });
    expect(summary(await brokers.send(["a0", "b0"]))).toEqual([10, 11]);
    expect(new Set(brokers.requests)).toEqual(new Set(["1 0:ab@1.0"]));
    expect(brokers.requests.length).toBe(said.length + 1);
  });

  test("goes to the new leader, and repeats only what was not acknowledged", async () => {
    const brokers = new Brokers({ 0: ["NOT_LEADER_OR_FOLLOWER"] });
    brokers.onRequest = () => {
      brokers.leaders = [2, 1, 2];
    };
    expect(summary(await brokers.send(["a0", "b1"]))).toEqual([10, 10]);
    expect(brokers.requests).toEqual(["1 0:a@1.0 1:b@1.0", "2 0:a@1.0"]);
  });

  test("tells that records may have been written when nobody has answered in time, and writes what follows under another identity", async () => {
    const brokers = new Brokers({ 0: Array.from({ length: 50 }, () => noAnswer) });
    const producer = brokers.producer();
    expect(summary(await brokers.send(["a0"], 2_000, producer))).toEqual(["publish_failed, perhaps written"]);
    await brokers.send(["b1"], 2_000, producer);
    expect(brokers.requests.at(-1)).toBe("1 1:b@2.0");
  });

  test("tells that records were not written when none could be sent in time, and keeps its identity", async () => {
    const brokers = new Brokers({ 0: Array.from({ length: 50 }, () => notSent) });
    const producer = brokers.producer();
    expect(summary(await brokers.send(["a0"], 2_000, producer))).toEqual(["publish_failed"]);
    await brokers.send(["b1"], 2_000, producer);
    expect(brokers.requests.at(-1)).toBe("1 1:b@1.0");
  });

  test("keeps a batch in doubt under its identity while others get a new one", async () => {
    const brokers = new Brokers({ 0: [noAnswer, "OUT_OF_ORDER_SEQUENCE_NUMBER"], 2: ["OUT_OF_ORDER_SEQUENCE_NUMBER"] });
    expect(summary(await brokers.send(["a0", "c2"]))).toEqual(["publish_failed, perhaps written", 10]);
    expect(brokers.requests.filter((request) => request.includes("0:"))).toEqual(["1 0:a@1.0", "1 0:a@1.0"]);
    expect(brokers.requests.at(-1)).toBe("2 2:c@2.0");
  });

  test("halves a batch that is too large, and fails the record that is too large alone", async () => {
    const brokers = new Brokers({ 0: ["MESSAGE_TOO_LARGE", "MESSAGE_TOO_LARGE", "MESSAGE_TOO_LARGE"] });
    expect(summary(await brokers.send(["a0", "b0", "c0"]))).toEqual(["record_too_large", 10, 10]);
    expect(brokers.requests).toEqual(["1 0:abc@1.0", "1 0:a@1.0", "1 0:bc@1.0", "1 0:b@1.0", "1 0:c@1.1"]);
  });

  test("fails the records that the broker names, and writes the others", async () => {
    const refusal = { code: "INVALID_TIMESTAMP", records: { 1: "timestamp is too far ahead" } } as const;
    const brokers = new Brokers({ 0: [refusal] });
    const outcomes = await brokers.send(["a0", "b0", "c0"]);
    expect(summary(outcomes)).toEqual([10, "publish_failed", 11]);
    expect(outcomes[1]).toMatchObject({ error: { message: "cannot write to topic t: timestamp is too far ahead", retryable: false } });
    expect(brokers.requests).toEqual(["1 0:abc@1.0", "1 0:ac@1.0"]);
  });

  test("fails records of a topic or a partition that is not there alone, after a second", async () => {
    const brokers = new Brokers();
    const { clock } = brokers.scripted;
    const before = clock.now();
    expect(summary(await brokers.send(["a0", "b0 missing", "c7"]))).toEqual([10, "unknown_topic", "unknown_topic"]);
    expect(clock.now() - before).toBeGreaterThanOrEqual(1_000);
    expect(brokers.requests).toEqual(["1 0:a@1.0"]);
  });

  test("fails what is forbidden at once, naming who", async () => {
    const brokers = new Brokers({ 1: ["TOPIC_AUTHORIZATION_FAILED"] });
    const outcomes = await brokers.send(["a0", "b1"]);
    expect(summary(outcomes)).toEqual([10, "not_authorized"]);
    expect(outcomes[1]).toMatchObject({ error: { message: expect.stringMatching(/^user alice may not write to topic t: /) } });
  });
});
