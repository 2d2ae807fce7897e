import { setTimeout as sleep } from "node:timers/promises";
import type { RunContext } from "./benchmark.js";
import { contractFor, kafkajs } from "./cluster.js";
import { pageViewed, seededRandom } from "./workload.js";

/** The load of the live benchmark: `perSecond` records/s in a send every 5 ms, each with the time at which it was due to be sent. */
const argument = JSON.parse(process.argv[2] ?? "{}") as RunContext & { perSecond: number; total: number; keys: number };
const { perSecond, total, keys } = argument;
const contract = contractFor(argument.topic);
const random = seededRandom(7);
const producer = kafkajs(argument).producer({ maxInFlightRequests: 5 });
await producer.connect();
const startedAt = performance.now();
const sends: Promise<unknown>[] = [];
let sent = 0;
while (sent < total) {
  const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
  const messages = [];
  for (; sent < due; sent++) {
    const user = Math.floor(random() * keys);
    messages.push({ key: `user-${user}`, value: Buffer.from(contract.encode(pageViewed(user, sent))), timestamp: String(Date.now()), partition: 0 });
  }
  if (messages.length > 0) sends.push(producer.send({ topic: argument.topic, acks: -1, messages }));
  await sleep(5);
}
await Promise.all(sends);
await producer.disconnect();
