/**
 * Writes increasing integers, as Kafka's VerifiableProducer does: its flags, and its lines of JSON.
 *
 *     test/verifiable/producer --bootstrap-server HOST:PORT --topic TOPIC --max-messages 1000
 */
import { setTimeout as sleep } from "node:timers/promises";
import { BusError, createBus } from "@org/bus-core";
import { commonFlags, numberOf, openTransport, readArguments, required, runProgram, UsageError } from "./arguments.js";
import { print } from "./events.js";
import { type Text, textContract } from "./text-contract.js";

/** How many records may be out at once. */
const MOST_IN_FLIGHT = 2_000;

await runProgram(async () => {
  const values = readArguments("producer", "Writes increasing integers to a topic and prints a line of JSON for each acknowledgement.", {
    ...commonFlags("producer"),
    throughput: { value: "N", text: "records a second, about; -1: as many as possible", default: "-1" },
    acks: { value: "ACKS", text: "-1 only: all in-sync replicas", default: "-1" },
    "message-create-time": { value: "MS", text: "timestamp of the first record, ms since the epoch; -1: now", default: "-1" },
    "value-prefix": { value: "PREFIX", text: "put in front of each value, with a dot" },
    "repeating-keys": { value: "N", text: "give the records the keys 0 to N-1 in turn" },
  });
  const topic = required(values, "topic");
  const maxMessages = numberOf(values, "max-messages", -1);
  const throughput = numberOf(values, "throughput", -1);
  const createTime = numberOf(values, "message-create-time", -1);
  const repeatingKeys = values("repeating-keys") === undefined ? undefined : numberOf(values, "repeating-keys", 1);
  const prefix = values("value-prefix");
  if (values("acks") !== "-1" && values("acks") !== "all") throw new UsageError("--acks must be -1: nothing less is offered");

  const bus = createBus({ service: "verifiable-producer", transport: openTransport(values) });
  const contract = textContract(topic);
  const startedAt = Date.now();
  const out = new Set<Promise<void>>();
  let acked = 0;
  let sent = 0;
  let stopping = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      stopping = true;
      print({ name: "shutdown_requested" });
    });
  }

  const messageAt = (index: number): Text => ({
    key: repeatingKeys === undefined ? null : String(index % repeatingKeys),
    value: prefix === undefined ? String(index) : `${prefix}.${index}`,
  });

  const send = async (message: Text): Promise<void> => {
    const { key, value } = message;
    try {
      const timestamp = createTime === -1 ? undefined : createTime + (Date.now() - startedAt);
      const receipt = await bus.publish(contract, message, timestamp === undefined ? {} : { timestamp });
      acked++;
      print({ name: "producer_send_success", key, value, ...receipt });
    } catch (error) {
      const failure = BusError.from(error, "publish_failed");
      const { code, message: text, mayHaveBeenWritten } = failure;
      print({ name: "producer_send_error", topic, key, value, exception: code, message: text, may_have_been_written: mayHaveBeenWritten });
    }
  };

  print({ name: "startup_complete" });
  while (!stopping && (maxMessages < 0 || sent < maxMessages)) {
    const sending = send(messageAt(sent++)).finally(() => out.delete(sending));
    out.add(sending);
    if (out.size >= MOST_IN_FLIGHT) await Promise.race(out);
    const aheadMs = throughput < 0 ? 0 : (sent * 1000) / Math.max(throughput, 1e-3) - (Date.now() - startedAt);
    if (aheadMs >= 1) await sleep(aheadMs);
  }
  await Promise.all(out);
  await bus.close();
  print({ name: "shutdown_complete" });
  const seconds = Math.max(1, Date.now() - startedAt) / 1000;
  print({ name: "tool_data", sent, acked, target_throughput: throughput, avg_throughput: acked / seconds });
});
