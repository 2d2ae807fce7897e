import { BusError, type Contract, createBus, type IncomingRecord, type OutgoingRecord, type PublishReceipt, type SendOutcome } from "@org/bus-core";
import { partitionForKey } from "@org/bus-core/internal";
import { type KafkaCluster, startKafka } from "@org/bus-testkit/kafka";
import { afterEach, describe, expect, test } from "vitest";
import { Step, type StepInit } from "../contracts/gen/streams/v1/step.js";
import { canStartKafka } from "../support/kafka.js";
import { type KafkaClient, kafkaClients } from "../support/kafka-clients.js";
import { seededRandom } from "../support/random.js";
import { readLog } from "../support/read-log.js";
import { CuttingProxy } from "./cutting-proxy.js";

const PARTITIONS = 6;
const SENDS = 80;
const SEED = 20_260_718;

interface Sent {
  readonly record: OutgoingRecord;
  readonly outcome: SendOutcome;
}

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A cluster whose listener CUT leads through proxies that drop `rate` of the produce requests and as many answers. */
async function clusterBehindProxies(brokers: 1 | 3, rate: number): Promise<{ cluster: KafkaCluster; proxies: CuttingProxy[] }> {
  const random = seededRandom(SEED);
  const cut = () => random() < rate;
  const proxies = Array.from({ length: brokers }, () => new CuttingProxy({ answer: cut, request: cut }));
  const advertisedPort = async (broker: number, port: number) => (await proxies[broker]?.listen(port)) ?? port;
  const cluster = await startKafka({ brokers, listeners: [{ name: "CUT", advertisedPort }] });
  closing.push(() => cluster.stop(), ...proxies.map((proxy) => () => proxy[Symbol.asyncDispose]()));
  return { cluster, proxies };
}

/** Sends batches of 1 to 20 records, numbered; `keyed` over 12 keys, else over the partitions in turn. */
async function sendNumbered(
  { open: kafka }: KafkaClient,
  cluster: KafkaCluster,
  topic: string,
  keyed: boolean,
  during: (send: number) => Promise<void>,
): Promise<Sent[]> {
  const random = seededRandom(SEED + 1);
  const transport = kafka({ brokers: cluster.listeners.CUT ?? [], logger: silent });
  const producer = await transport.createProducer();
  const sent: Sent[] = [];
  let number = 0;
  for (let send = 0; send < SENDS; send++) {
    await during(send);
    const records = Array.from({ length: 1 + Math.floor(random() * 20) }, (): OutgoingRecord => {
      const key = keyed ? Buffer.from(`key-${Math.floor(random() * 12)}`) : null;
      const partition = key === null ? number % PARTITIONS : partitionForKey(key, PARTITIONS);
      return { topic, partition, key, value: Buffer.from(String(number++)), headers: {}, timestamp: Date.now() };
    });
    const outcomes = await producer.send(records, { timeoutMs: 30_000 });
    records.forEach((record, index) => {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error(`record ${index} of ${records.length} has no outcome`);
      sent.push({ record, outcome });
    });
  }
  await producer.close();
  await transport.close();
  return sent;
}

/** Everything acknowledged is in the log once, where the outcome says, and in the order in which it was sent. */
function expectKept(sent: readonly Sent[], log: readonly IncomingRecord[]): void {
  const numberOf = ({ value }: { readonly value: Uint8Array | null }) => Number(Buffer.from(value ?? []).toString());
  const placesOf = Map.groupBy(log, numberOf);
  for (const { record, outcome } of sent) {
    const places = (placesOf.get(numberOf(record)) ?? []).map(({ partition, offset }) => ({ partition, offset }));
    if (outcome.ok) expect(places).toEqual([{ partition: record.partition, offset: outcome.offset }]);
    else if (outcome.error.mayHaveBeenWritten) expect(places.length).toBeLessThan(2);
    else expect(places).toEqual([]);
  }
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const numbers = log.filter((record) => record.partition === partition).map(numberOf);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
}

const CALLERS = 20;
const BURSTS = 40;

/** Steps without a key: their partition is up to the bus. */
const KeylessStep: Contract<Step, StepInit> = {
  ...Step,
  topic: { name: "streams.keyless-steps", partitions: PARTITIONS, cleanup: "delete", owner: { team: "bus", channel: "#bus" } },
  key: () => null,
};

interface Published {
  readonly track: string;
  /** The calls of `publish`, counted over all callers. */
  readonly position: number;
  readonly outcome: PublishReceipt | BusError;
}

/** Callers that publish side by side, each bursts of 1 to 5 messages; they share 12 tracks. */
async function publishNumbered({ open: kafka }: KafkaClient, cluster: KafkaCluster, contract: Contract<Step, StepInit>): Promise<Published[]> {
  const random = seededRandom(SEED + 2);
  const bus = createBus({ service: "acknowledged-loss", transport: kafka({ brokers: cluster.listeners.CUT ?? [], logger: silent }), logger: silent });
  await bus.topics.ensure([contract]);
  const published: Published[] = [];
  let calls = 0;
  const publish = async (): Promise<void> => {
    const message = { track: `track-${Math.floor(random() * 12)}`, position: calls++ };
    const outcome = await bus.publish(contract, message).catch((error: unknown) => {
      if (error instanceof BusError) return error;
      throw error;
    });
    published.push({ ...message, outcome });
  };
  const call = async (): Promise<void> => {
    for (let burst = 0; burst < BURSTS; burst++) await Promise.all(Array.from({ length: 1 + Math.floor(random() * 5) }, publish));
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
  await bus.close();
  return published;
}

/** Everything acknowledged is in the log once, where the receipt says; of a track in the order of the calls, where the track is the key. */
function expectPublished(published: readonly Published[], log: readonly IncomingRecord[], keyed: boolean): void {
  const steps = log.map(({ partition, offset, value }) => ({ partition, offset, step: Step.decode(value ?? new Uint8Array()) }));
  const placesOf = Map.groupBy(steps, ({ step }) => step.position);
  for (const { position, outcome } of published) {
    const places = (placesOf.get(position) ?? []).map(({ partition, offset }) => ({ partition, offset }));
    if (!(outcome instanceof BusError)) expect(places).toEqual([{ partition: outcome.partition, offset: outcome.offset }]);
    else if (outcome.mayHaveBeenWritten) expect(places.length).toBeLessThan(2);
    else expect(places).toEqual([]);
  }
  if (!keyed) return;
  for (const ofTrack of Map.groupBy(steps, ({ step }) => step.track).values()) {
    expect(new Set(ofTrack.map(({ partition }) => partition)).size).toBe(1);
    const positions = ofTrack.map(({ step }) => step.position);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  }
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

const cannotRun = !canStartKafka() || process.env.KAFKA_BROKERS !== undefined;

describe.skipIf(cannotRun).each(kafkaClients)("what is acknowledged while connections are cut, on $client", (client) => {
  const { open: kafka } = client;
  test.each([{ brokers: 1 }, { brokers: 3 }] as const)(
    "is in the log once and in order, with $brokers brokers",
    { timeout: 180_000 },
    async ({ brokers }) => {
      const { cluster, proxies } = await clusterBehindProxies(brokers, 0.05);
      const transport = kafka({ brokers: cluster.brokers, logger: silent });
      closing.push(() => transport.close());
      for (const keyed of [true, false]) {
        const topic = keyed ? "keyed" : "keyless";
        await transport.admin.createTopics([{ name: topic, partitions: PARTITIONS, cleanup: "delete" }]);
        const sent = await sendNumbered(client, cluster, topic, keyed, async (send) => {
          // leaders move while sends are out
          if (brokers === 3 && keyed && send === 40) await cluster.kill(2);
        });
        expectKept(sent, await readLog(transport, topic));
        // within 30 s each of these faults is overcome
        expect(sent.filter(({ outcome }) => !outcome.ok)).toEqual([]);
      }
      expect(proxies.reduce((sum, { dropped }) => sum + dropped, 0)).toBeGreaterThan(10);
    },
  );

  test("is in the log once and in order per key, published by many callers of a bus", { timeout: 120_000 }, async () => {
    const { cluster, proxies } = await clusterBehindProxies(1, 0.15);
    const transport = kafka({ brokers: cluster.brokers, logger: silent });
    closing.push(() => transport.close());
    for (const contract of [Step, KeylessStep]) {
      const published = await publishNumbered(client, cluster, contract);
      expectPublished(published, await readLog(transport, contract.topic?.name ?? ""), contract === Step);
      expect(published.filter(({ outcome }) => outcome instanceof BusError)).toEqual([]);
    }
    expect(proxies.reduce((sum, { dropped }) => sum + dropped, 0)).toBeGreaterThan(10);
  });
});
