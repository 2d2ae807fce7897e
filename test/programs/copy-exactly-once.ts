/**
 * Copies a topic to another one exactly once, as a member of a group. Closes when its stdin ends, so that it never outlives the test that started it.
 *
 *     node copy-exactly-once.js kafkajs|platformatic BROKERS GROUP FROM TO PARTITIONS
 */
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createBus } from "@org/bus-core";
import { kafka } from "@org/bus-kafka";
import { kafka as platformatic } from "@org/bus-kafka-platformatic";
import { mapKeyed, publishTo, stream } from "@org/bus-streams";
import { copiedContract } from "./copied.js";

const [client = "", brokers = "", group = "", from = "", to = "", partitions = ""] = process.argv.slice(2);
const open = client === "platformatic" ? platformatic : kafka;
// what this meets when it is struck is no news
const logger = { debug() {}, info() {}, warn() {}, error: (fields: object, message: string) => console.error(message, fields) };
const bus = createBus({
  service: "copy-exactly-once",
  transport: open({ brokers: brokers.split(","), consumer: { sessionTimeoutMs: 2_000 }, logger }),
  logger,
});

const consumption = stream(bus, copiedContract(from, Number(partitions)), { group })
  .exactlyOnce({ maxWaitMs: 50, maxMessages: 100 })
  .pipe(
    mapKeyed(
      async (message) => {
        await sleep(Math.random() * 20);
        return message;
      },
      { concurrency: 32 },
    ),
    publishTo(copiedContract(to, Number(partitions))),
  )
  .run();

await Promise.race([once(process.stdin.resume(), "end"), consumption.closed]);
await consumption.close();
await bus.close();
