import { createBus, type Transport } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { kafka as kafkaPlatformatic } from "@org/bus-kafka-platformatic";
import { CompressionTypes } from "kafkajs";
import type { Benchmark, Figures, RunContext } from "../benchmark.js";
import { contractFor, createTopic, kafkajs } from "../cluster.js";
import { pageViewed } from "../workload.js";

const messages = 200_000;
const warmUp = 20_000;
const callers = 2_000;

async function timed(work: (count: number) => Promise<void>): Promise<Figures> {
  await work(warmUp);
  const cpuAtStart = process.cpuUsage();
  const startedAt = performance.now();
  await work(messages);
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuAtStart);
  return { "records/s": messages / seconds, "CPU µs a record": (cpu.user + cpu.system) / messages };
}

/** `callers` loops, each of which publishes one message and waits for its acknowledgement. */
function ours(open: (brokers: string[]) => Transport) {
  return async (context: RunContext): Promise<Figures> => {
    await using bus = createBus({ service: "bench", transport: open([...context.brokers]) });
    const contract = contractFor(context.topic);
    const inits = Array.from({ length: 10_000 }, (_, i) => pageViewed(i % 1_000, i));
    return await timed(async (count) => {
      let next = 0;
      const caller = async () => {
        while (next < count) {
          const init = inits[next++ % inits.length];
          if (init !== undefined) await bus.publish(contract, init);
        }
      };
      await Promise.all(Array.from({ length: callers }, caller));
    });
  };
}

interface Prepared {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly headers?: Record<string, Buffer>;
}

/** kafkajs, 500 a call, two calls out, bytes encoded beforehand, nothing checked. */
function bare(headers: Record<string, Buffer> | undefined) {
  return async (context: RunContext): Promise<Figures> => {
    const contract = contractFor(context.topic);
    const prepared = Array.from({ length: 10_000 }, (_, i): Prepared => {
      const init = pageViewed(i % 1_000, i);
      return { key: Buffer.from(init.userId ?? ""), value: Buffer.from(contract.encode(init)), ...(headers && { headers }) };
    });
    const producer = kafkajs(context).producer();
    await producer.connect();
    const figures = await timed(async (count) => {
      let next = 0;
      const caller = async () => {
        while (next < count) {
          const from = next;
          next += 500;
          await producer.send({
            topic: context.topic,
            acks: -1,
            compression: CompressionTypes.None,
            messages: Array.from({ length: 500 }, (_, i) => prepared[(from + i) % prepared.length] ?? { key: null, value: null }),
          });
        }
      };
      await Promise.all([caller(), caller()]);
    });
    await producer.disconnect();
    return figures;
  };
}

const ownHeaders = {
  "content-type": Buffer.from("application/protobuf"),
  "bus-message-type": Buffer.from("bench.v1.PageViewed"),
  "bus-message-id": Buffer.from("018f3c5e-7b1a-7cc0-9d3e-2f6a1b4c5d6e"),
  "bus-service": Buffer.from("bench"),
};

export const publishBenchmark: Benchmark = {
  name: "publish",
  title: "Publish one by one, checked",
  conditions:
    `Ours: ${callers} callers, each publishes one message with its contract checked and awaits the acknowledgement (acks all, idempotent). kafkajs: 500 messages a call, ` +
    `two calls out, bytes encoded beforehand, nothing checked, not idempotent, default partitioner; once without headers and once with the four headers that ours writes. ` +
    `${messages} messages of about 200 B after ${warmUp} to warm up, 6 partitions, no compression, no OpenTelemetry SDK.`,
  better: "higher",
  needsKafka: true,
  measured: ["kafkajs"],
  prepare: (context) => createTopic(context, 6),
  peers: {
    "bus.publish, one by one": ours((brokers) => kafka({ brokers })),
    "the same on @platformatic/kafka": ours((brokers) => kafkaPlatformatic({ brokers })),
    "kafkajs, 500 a call": bare(undefined),
    "kafkajs, 500 a call, same headers": bare(ownHeaders),
  },
};
