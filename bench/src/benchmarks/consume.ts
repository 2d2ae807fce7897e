import { createBus, type Transport } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { kafka as kafkaPlatformatic } from "@org/bus-kafka-platformatic";
import type { Benchmark, Figures, RunContext } from "../benchmark.js";
import { contractFor, createTopic, kafkajs } from "../cluster.js";
import { pageViewed } from "../workload.js";

const records = 300_000;

/** From the first record handled to the last, so that joining the group does not count. */
class Meter {
  private startedAt = 0;
  private cpuAtStart = process.cpuUsage();
  private handled = 0;
  private finish: (figures: Figures) => void = () => {};
  readonly done = new Promise<Figures>((resolve) => {
    this.finish = resolve;
  });

  handle(count = 1): void {
    if (this.handled === 0) {
      this.startedAt = performance.now();
      this.cpuAtStart = process.cpuUsage();
    }
    this.handled += count;
    if (this.handled < records) return;
    const seconds = (performance.now() - this.startedAt) / 1000;
    const cpu = process.cpuUsage(this.cpuAtStart);
    this.finish({
      "records/s": records / seconds,
      "CPU µs a record": (cpu.user + cpu.system) / records,
      "peak RSS MB": process.resourceUsage().maxRSS / 1024,
    });
  }
}

function ours(open: (brokers: string[]) => Transport) {
  return async (context: RunContext): Promise<Figures> => {
    await using bus = createBus({ service: "bench", transport: open([...context.brokers]) });
    const meter = new Meter();
    let checksum = 0;
    bus.consume(contractFor(context.topic), { group: context.runId, concurrency: 100 }, (view) => {
      checksum += view.status;
      meter.handle();
    });
    const figures = await meter.done;
    if (checksum !== records * 200) throw new Error(`decoded something else: the sum of status is ${checksum}`);
    return figures;
  };
}

/** kafkajs `eachBatch`, decoding by hand, offsets committed after each batch by kafkajs. */
async function eachBatch(context: RunContext): Promise<Figures> {
  const contract = contractFor(context.topic);
  const consumer = kafkajs(context).consumer({ groupId: context.runId });
  const meter = new Meter();
  let checksum = 0;
  await consumer.connect();
  await consumer.subscribe({ topic: context.topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 3,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) if (message.value !== null) checksum += contract.decode(message.value).status;
      meter.handle(batch.messages.length);
    },
  });
  const figures = await meter.done;
  if (checksum !== records * 200) throw new Error(`decoded something else: the sum of status is ${checksum}`);
  await consumer.disconnect();
  return figures;
}

export const consumeBenchmark: Benchmark = {
  name: "consume",
  title: "Consume and decode",
  conditions:
    `${records} records of about 200 B with the headers of the bus, 6 partitions, read from the earliest offset; the handler adds one decoded number. Ours: bus.consume, concurrency 100, order by key, ledger and commits. ` +
    `kafkajs: eachBatch with three partitions at once, the same decoder called by hand, its own commits, records of a batch in one loop.`,
  better: "higher",
  needsKafka: true,
  measured: ["kafkajs"],
  async prepare(context) {
    await createTopic(context, 6);
    await using bus = createBus({ service: "bench", transport: kafka({ brokers: [...context.brokers] }) });
    const contract = contractFor(context.topic);
    for (let i = 0; i < records; i += 10_000)
      await bus.publishAll(
        contract,
        Array.from({ length: 10_000 }, (_, j) => pageViewed((i + j) % 1_000, i + j)),
      );
  },
  peers: {
    "bus.consume": ours((brokers) => kafka({ brokers })),
    "the same on @platformatic/kafka": ours((brokers) => kafkaPlatformatic({ brokers })),
    "kafkajs eachBatch, decode by hand": eachBatch,
  },
};
