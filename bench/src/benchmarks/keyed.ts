import { setTimeout as sleep } from "node:timers/promises";
import { createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import type { Benchmark, Figures, RunContext } from "../benchmark.js";
import { contractFor, createTopic, groupByKey, kafkajs } from "../cluster.js";
import { ceilingPerSecond, type KeyDistribution, keySequence, pageViewed } from "../workload.js";

const concurrency = 100;
const workMs = 10;
const keys = 1_000;

/** Counts what ran, and fails the benchmark when two of one key ran at once or one came out of order: speed without that is worth nothing. */
class KeyedWork {
  private startedAt = 0;
  private ended = 0;
  private running = 0;
  private highest = 0;
  private readonly lastOfKey = new Map<string, bigint>();
  private readonly runningKeys = new Set<string>();
  private finish: (figures: Figures) => void = () => {};
  readonly done = new Promise<Figures>((resolve) => {
    this.finish = resolve;
  });

  constructor(private readonly total: number) {}

  async run(key: string, sequence: bigint): Promise<void> {
    if (this.startedAt === 0) this.startedAt = performance.now();
    if (this.runningKeys.has(key)) throw new Error(`two of ${key} at once`);
    if ((this.lastOfKey.get(key) ?? -1n) >= sequence) throw new Error(`${key} out of order at ${sequence}`);
    this.runningKeys.add(key);
    this.lastOfKey.set(key, sequence);
    this.highest = Math.max(this.highest, ++this.running);
    await sleep(workMs);
    this.running--;
    this.runningKeys.delete(key);
    if (++this.ended === this.total) {
      this.finish({ "records/s": this.total / ((performance.now() - this.startedAt) / 1000), "at once": this.highest });
    }
  }
}

function ours(total: number) {
  return async (context: RunContext): Promise<Figures> => {
    await using bus = createBus({ service: "bench", transport: kafka({ brokers: [...context.brokers] }) });
    const work = new KeyedWork(total);
    bus.consume(contractFor(context.topic), { group: context.runId, concurrency, failure: { attempts: 1, otherwise: "stop" } }, (view) =>
      work.run(view.userId, view.sequence),
    );
    return await work.done;
  };
}

/** The usual idiom: group a batch by key, run the groups at most `concurrency` at once, wait for all, take the next batch. */
function groupedBatches(total: number) {
  return async (context: RunContext): Promise<Figures> => {
    const contract = contractFor(context.topic);
    const consumer = kafkajs(context).consumer({ groupId: context.runId });
    const work = new KeyedWork(total);
    await consumer.connect();
    await consumer.subscribe({ topic: context.topic, fromBeginning: true });
    await consumer.run({
      eachBatch: async ({ batch, heartbeat }) => {
        const queue = groupByKey(batch.messages);
        const lane = async () => {
          for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
            for (const { value } of group) {
              if (value === null) continue;
              const view = contract.decode(value);
              await work.run(view.userId, view.sequence);
              await heartbeat();
            }
          }
        };
        await Promise.all(Array.from({ length: concurrency }, lane));
      },
    });
    const figures = await work.done;
    await consumer.disconnect();
    return figures;
  };
}

function keyed(distribution: KeyDistribution, partitions: number, total: number): Benchmark {
  const sequence = keySequence(distribution, total, keys);
  return {
    name: `keyed-${distribution}-${partitions}`,
    title: `Keyed work, ${distribution} keys, ${partitions} partition${partitions === 1 ? "" : "s"}`,
    conditions:
      `${total} records waiting in the topic, ${keys} keys (${distribution}), work of ${workMs} ms (a timer), concurrency ${concurrency}, first start to last end. Order and exclusion per key are checked while it runs. ` +
      `kafkajs: eachBatch, records of a batch grouped by key, ${concurrency} groups at once, then the next batch.`,
    better: "higher",
    needsKafka: true,
    measured: ["kafkajs"],
    ceiling: ceilingPerSecond(sequence, concurrency, workMs),
    async prepare(context) {
      await createTopic(context, partitions);
      await using bus = createBus({ service: "bench", transport: kafka({ brokers: [...context.brokers] }) });
      await bus.publishAll(
        contractFor(context.topic),
        sequence.map((user, i) => pageViewed(user, i)),
      );
    },
    peers: { "bus.consume": ours(total), "kafkajs, grouped batches": groupedBatches(total) },
  };
}

export const keyedBenchmarks: readonly Benchmark[] = [
  keyed("uniform", 1, 60_000),
  keyed("zipf", 1, 5_000),
  keyed("uniform", 6, 60_000),
  keyed("zipf", 6, 5_000),
];
