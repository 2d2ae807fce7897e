/**
 * Handles the records of a topic as a member of a group, as Kafka's VerifiableConsumer does: its flags, and its lines of JSON.
 *
 *     test/verifiable/consumer --bootstrap-server HOST:PORT --topic TOPIC --group-id GROUP --verbose
 */
import { setTimeout as sleep } from "node:timers/promises";
import { createBus, type Delivery } from "@org/bus-core";
import { commonFlags, numberOf, oneOf, openTransport, rateOf, readArguments, required, runProgram, UsageError } from "./arguments.js";
import { Consumed } from "./consumed.js";
import { print, type RecordEventName } from "./events.js";
import { observeTransport } from "./observe-transport.js";
import { type Text, textContract } from "./text-contract.js";

/** Tries of a handler that fails by chance; the last one leads to the dead letter. */
const ATTEMPTS = 10;

await runProgram(async () => {
  const values = readArguments("consumer", "Handles the records of a topic and prints what happens as lines of JSON.", {
    ...commonFlags("consumer"),
    "group-id": { value: "GROUP", text: "consumer group" },
    "group-protocol": { value: "classic|consumer", text: "protocol of the group (default: consumer on platformatic-consumer, else classic)" },
    "group-instance-id": { value: "ID", text: "name of a static member" },
    "group-remote-assignor": { value: "NAME", text: "not taken: the broker's default is used" },
    "assignment-strategy": { value: "CLASS", text: "passed over, which is said on stderr: how partitions are assigned is up to --transport" },
    "session-timeout": { value: "MS", text: "after how much silence a member is taken for dead" },
    "reset-policy": { value: "earliest|latest", text: "where to start without a committed offset", default: "earliest" },
    "out-of-range": { value: "stop|earliest|latest", text: "when the committed offset has left the log", default: "stop" },
    "enable-autocommit": { text: "print no offsets_committed (what is settled is committed in any case)" },
    verbose: { text: "print record_started, record_failed and record_data for each record" },
    "handler-ms": { value: "MS", text: "how long the handler of a record takes", default: "0" },
    concurrency: { value: "N", text: "handlers at once", default: "16" },
    order: { value: "key|partition|none", text: "what keeps its order", default: "key" },
    "fail-rate": { value: "0…1", text: `part of the tries that fail; after ${ATTEMPTS} a record becomes a dead letter`, default: "0" },
  });
  const topic = required(values, "topic");
  const group = required(values, "group-id");
  const maxMessages = numberOf(values, "max-messages", -1);
  const handlerMs = numberOf(values, "handler-ms", 0);
  const failRate = rateOf(values, "fail-rate");
  const isVerbose = values("verbose") === "true";
  const printsCommits = values("enable-autocommit") !== "true";
  const sessionTimeoutMs = values("session-timeout") === undefined ? {} : { sessionTimeoutMs: numberOf(values, "session-timeout", 1_000) };
  const instanceId = values("group-instance-id") === undefined ? {} : { instanceId: required(values, "group-instance-id") };
  if (values("group-remote-assignor") !== undefined) throw new UsageError("--group-remote-assignor is not taken: the broker's default is used");
  const groupProtocol = values("group-protocol") === undefined ? {} : { groupProtocol: oneOf(values, "group-protocol", ["classic", "consumer"]) };
  const strategy = values("assignment-strategy");
  if (strategy !== undefined)
    process.stderr.write(`--assignment-strategy ${strategy} is passed over: how partitions are assigned is up to --transport\n`);

  const consumed = new Consumed();
  const printConsumed = (): void => {
    const partitions = consumed.take();
    if (partitions.length === 0) return;
    print({ name: "records_consumed", count: partitions.reduce((sum, { count }) => sum + count, 0), partitions });
  };
  const positions = (partitions: readonly { topic: string; partition: number }[]) =>
    partitions.map(({ topic: of, partition }) => ({ topic: of, partition }));
  const transport = observeTransport(openTransport(values, { ...groupProtocol, ...sessionTimeoutMs, ...instanceId }), {
    assigned(partitions) {
      consumed.assigned(partitions);
      print({ name: "partitions_assigned", partitions: positions(partitions) });
    },
    received: (batch) =>
      consumed.received(
        batch,
        batch.records.map(({ offset }) => offset),
      ),
    gone(partitions) {
      printConsumed();
      consumed.gone(partitions);
      print({ name: "partitions_revoked", partitions: positions(partitions) });
    },
    // a commit never claims what has not been told
    committing(requests) {
      for (const request of requests) consumed.settled(request, request.offset);
      printConsumed();
    },
    committed(requests, error) {
      if (!printsCommits) return;
      const offsets = requests.map(({ topic: of, partition, offset }) => ({ topic: of, partition, offset }));
      print({ name: "offsets_committed", offsets, success: error === undefined, ...(error !== undefined && { error: String(error) }) });
    },
  });

  const bus = createBus({ service: "verifiable-consumer", transport });
  const asked = Promise.withResolvers<void>();
  let handled = 0;

  const printRecord = (name: RecordEventName, delivery: Delivery<Text>): void => {
    if (!isVerbose) return;
    const { key, value, topic: of, partition, offset } = delivery;
    print({ name, key: key === null ? null : Buffer.from(key).toString(), value: value.value, topic: of, partition, offset });
  };
  const handle = async (_: Text, delivery: Delivery<Text>): Promise<void> => {
    printRecord("record_started", delivery);
    if (handlerMs > 0) await sleep(handlerMs);
    const { topic: of, partition, offset } = delivery;
    if (Math.random() < failRate) {
      printRecord("record_failed", delivery);
      throw new Error(`failed by chance, as --fail-rate ${failRate} asks`);
    }
    printRecord("record_data", delivery);
    consumed.handled(of, partition, offset);
    if (++handled === maxMessages) asked.resolve();
  };

  const options = {
    group,
    concurrency: numberOf(values, "concurrency", 1),
    order: oneOf(values, "order", ["key", "partition", "none"]),
    outOfRange: oneOf(values, "out-of-range", ["stop", "earliest", "latest"]),
    from: oneOf(values, "reset-policy", ["earliest", "latest"]),
    failure: { attempts: ATTEMPTS, initialBackoffMs: 10, maxBackoffMs: 100 },
  } as const;
  const consumption = bus.consume(textContract(topic), options, handle);
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      print({ name: "shutdown_requested" });
      asked.resolve();
    });
  }
  const isStarted = consumption.started.then(() => true);
  // it may never start, where no broker can be reached: who asks for the end then must get it
  if (await Promise.race([isStarted, asked.promise.then(() => false)])) {
    print({ name: "startup_complete" });
    await Promise.race([asked.promise, consumption.closed]);
  }
  await consumption.close();
  await bus.close();
  print({ name: "shutdown_complete" });
});
