/**
 * Reads eight splits of numbers into a topic, together with other processes that do the same. Ends when all are read, or when its stdin ends.
 *
 *     node read-splits.js kafkajs|platformatic BROKERS NAME PARTITIONS COUNT
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRecord, defineConnector, runConnector, type Source, toTopic } from "@org/bus-connect";
import { createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { kafka as platformatic } from "@org/bus-kafka-platformatic";
import { type Copied, copiedContract } from "./copied.js";

const [client = "", brokers = "", name = "", partitions = "", count = ""] = process.argv.slice(2);
const open = client === "platformatic" ? platformatic : kafka;
const logger = { debug() {}, info() {}, warn() {}, error: (fields: object, message: string) => console.error(message, fields) };
const bus = createBus({
  service: "read-splits",
  transport: open({ brokers: brokers.split(","), consumer: { sessionTimeoutMs: 2_000 }, logger }),
  logger,
});

const source: Source<Copied> = {
  name: "numbers",
  replayable: true,
  bounded: true,
  splits: async () => Array.from({ length: 8 }, (_, index) => ({ id: `split-${index}` })),
  async *read({ split, position, signal }) {
    console.log(JSON.stringify({ split: split.id, position: position ?? 0 }));
    for (let at = Number(position ?? 0); at < Number(count) && !signal.aborted; at += 5) {
      await sleep(Math.random() * 100);
      const records = Array.from({ length: 5 }, (_, index) => {
        const value = { key: split.id, position: at + index };
        return connectRecord({ value, id: `${split.id}:${value.position}`, key: split.id });
      });
      yield { records, position: at + 5 };
    }
  },
};

const connector = defineConnector({ name, source, sink: toTopic(copiedContract(name, Number(partitions)), { transactionMaxWaitMs: 50 }) });
const running = runConnector(bus, connector);
await Promise.race([once(process.stdin.resume(), "end"), running.finished]);
await bus.close();
process.stdin.destroy();
