import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import type { Benchmark, Figures, RunContext } from "../benchmark.js";
import { contractFor, createTopic, groupByKey, kafkajs } from "../cluster.js";

const perSecond = 2_000;
const seconds = 10;
/** The first second does not count: the producer looks up the topic, and everything is compiled. */
const warmUp = perSecond;
const keys = 10_000;
const total = perSecond * seconds;

/** Work of 5 ms, but 500 ms for one in a hundred; the delay is from the record's timestamp (set by the producer) to the start. */
class LiveWork {
  private readonly delays: number[] = [];
  private started = 0;
  private finish: (figures: Figures) => void = () => {};
  readonly done = new Promise<Figures>((resolve) => {
    this.finish = resolve;
  });

  async run(sequence: bigint, timestamp: number): Promise<void> {
    if (++this.started > warmUp) this.delays.push(Date.now() - timestamp);
    if (this.started === total) {
      const sorted = this.delays.toSorted((a, b) => a - b);
      const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
      this.finish({ "p99 ms": at(0.99), "p50 ms": at(0.5), "max ms": at(1) });
    }
    await sleep(sequence % 100n === 0n ? 500 : 5);
  }
}

/** Starts the producer in a process of its own once the consumer is there. */
function startLoad(context: RunContext): void {
  spawn(process.execPath, [new URL("../live-producer.js", import.meta.url).pathname, JSON.stringify({ ...context, perSecond, total, keys })], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

async function ours(context: RunContext): Promise<Figures> {
  await using bus = createBus({ service: "bench", transport: kafka({ brokers: [...context.brokers] }) });
  const work = new LiveWork();
  const consumption = bus.consume(contractFor(context.topic), { group: context.runId, concurrency: 100, from: "latest" }, (view, delivery) =>
    work.run(view.sequence, delivery.timestamp),
  );
  await consumption.started;
  startLoad(context);
  return await work.done;
}

async function groupedBatches(context: RunContext): Promise<Figures> {
  const contract = contractFor(context.topic);
  const consumer = kafkajs(context).consumer({ groupId: context.runId });
  const work = new LiveWork();
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topic: context.topic, fromBeginning: false });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      const queue = groupByKey(batch.messages);
      const lane = async () => {
        for (let group = queue.shift(); group !== undefined; group = queue.shift()) {
          for (const { value, timestamp } of group) if (value !== null) await work.run(contract.decode(value).sequence, Number(timestamp));
        }
      };
      await Promise.all(Array.from({ length: 100 }, lane));
    },
  });
  await joined;
  await sleep(1_000); // kafkajs looks up where "latest" is only with its first fetch
  startLoad(context);
  const figures = await work.done;
  await consumer.disconnect();
  return figures;
}

export const liveBenchmark: Benchmark = {
  name: "live",
  title: "Live load with a heavy tail",
  conditions:
    `${perSecond} records/s for ${seconds} s from another process (kafkajs, a send every 5 ms), ${keys} keys, one partition, work of 5 ms but 500 ms for one in a hundred, concurrency 100. ` +
    `Delay from the record's timestamp to the start of its handler; the first second does not count. kafkajs: eachBatch, records of a batch grouped by key, then the next batch.`,
  better: "lower",
  needsKafka: true,
  measured: ["kafkajs"],
  prepare: (context) => createTopic(context, 1),
  peers: { "bus.consume": ours, "kafkajs, grouped batches": groupedBatches },
};
