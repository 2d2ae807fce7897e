import type { BusError, OutgoingRecord, PublishReceipt } from "@org/bus-core";
import { type ConsumeDependencies, messageOf, OpenConsumptions, openConsumption, type Publisher } from "@org/bus-core/internal";
import type { DeadLetterStore } from "../../dead-letters/dead-letter-store.js";
import { contractsOf } from "../../define/contracts-of.js";
import type { Positions } from "../../positions/position-store.js";
import { storable } from "../../positions/storable.js";
import type { Split } from "../../source/source.js";
import { traceRead } from "../../telemetry/spans.js";
import { closeTask } from "../close-task.js";
import { engineOptions, exactlyOnceOf } from "../engine-options.js";
import type { TaskEnvironment } from "../environment.js";
import { countCommitted, openOutput } from "../open-output.js";
import type { OpenedTask } from "../opened-task.js";
import { pipeline } from "../pipeline.js";
import type { RecordDelivery } from "../step.js";
import type { TaskStats } from "../task-stats.js";
import { withTracedTransactions, writeTracing } from "../write-tracing.js";
import { fenceSplit } from "./fence-split.js";
import { splitContract } from "./split-contract.js";
import { type DeadLetterPlace, deadLetterOf } from "./split-dead-letter.js";
import { splitTracing } from "./split-tracing.js";
import { SplitTransport } from "./split-transport.js";

const returnTimeoutMs = 500;

/**
 * Opens the task that reads one split of a source.
 *
 * @param deadLetters where they go, if not to their topic
 */
export async function openSplitTask(
  environment: TaskEnvironment,
  split: Split,
  positions: Positions,
  deadLetters: DeadLetterStore | undefined,
): Promise<OpenedTask> {
  const { connector, dependencies, context, stats } = environment;
  const { source, name, failure } = connector;
  const deadLetterTopic = failure.deadLetter ?? `${name}.dlq`;
  if (failure.tolerate === "all" && deadLetters === undefined) await ensureDeadLetters(dependencies, deadLetterTopic);
  const ended = Promise.withResolvers<void>();
  const exactlyOnce = exactlyOnceOf(connector, dependencies.transport.features.transactions);
  const output = await openOutput(environment, () => consumption.explain().partitions.some(({ pausedBy }) => pausedBy !== undefined));
  const transport: SplitTransport = new SplitTransport({
    bus: dependencies.transport,
    deadLetterTopic,
    deadLetters,
    split: split.id,
    onDeadLetter: () => stats.deadLetter(),
    positionRecord: (position) => positions.record(split.id, storable(source.name, split.id, position)),
    consumer: {
      connector: name,
      source,
      context: { ...context, split },
      clock: context.clock,
      logger: context.logger,
      random: dependencies.random ?? Math.random,
      intervalMs: connector.positionIntervalMs,
      drainTimeoutMs: connector.drainTimeoutMs,
      returnTimeoutMs,
      fence: exactlyOnce === undefined ? undefined : () => fenceSplit(dependencies.transport, name, split.id),
      load: () => positions.load(split.id),
      store: async (position) => positions.store(split.id, storable(source.name, split.id, position)),
      onNotStored: (error) => stats.failed(messageOf(error), context.clock.now()),
      onRead(batch, askedAt) {
        stats.took(batch.records.length, context.clock.now());
        stats.progress = batch.progress ?? stats.progress;
        return traceRead(source.name, name, split.id, askedAt, batch);
      },
      onCompleted: () => ended.resolve(),
      onFailed: (error) => ended.reject(error),
    },
  });
  const options = engineOptions(connector, { commitIntervalMs: 20 });
  const consumption = openConsumption(
    {
      ...dependencies,
      transport: withTracedTransactions(transport, writeTracing(environment)),
      publisher: deadLettersOf(dependencies.publisher, { topic: deadLetterTopic, connector: name, split: split.id }, deadLetters, stats),
      tracing: splitTracing(name, split.id),
      // those of the bus know one consumption of each group
      consumptions: new OpenConsumptions(),
    },
    [splitContract(name, contractsOf(connector))],
    {
      ...options,
      exactlyOnce,
      onCommitted: countCommitted(environment),
      beginsAnew: false,
      commitCuts: { at: (frontier) => transport.consumer?.log.at(frontier) ?? 0 },
    },
    pipeline(connector, output, (delivery) => delivery as RecordDelivery),
  );
  consumption.closed.catch((error: BusError) => ended.reject(error));
  ended.promise.catch(() => {});
  let closed: Promise<void> | undefined;
  return {
    consumption,
    isExactlyOnce: exactlyOnce !== undefined,
    ended: ended.promise,
    close() {
      closed ??= closeTask(environment, consumption, output);
      return closed;
    },
  };
}

/** Sends dead letters of records of a source as what they are. */
function deadLettersOf(publisher: Publisher, place: DeadLetterPlace, store: DeadLetterStore | undefined, stats: TaskStats): Publisher {
  return {
    publish: (contract, message, options) => publisher.publish(contract, message, options),
    publishAll: (contract, messages, options) => publisher.publishAll(contract, messages, options),
    publishTombstone: (contract, key, options) => publisher.publishTombstone(contract, key, options),
    async sendRaw(record, options) {
      const letter = deadLetterOf(record, place);
      const receipt = letter && store ? await kept(store, letter) : await publisher.sendRaw(letter ?? record, options);
      stats.deadLetter();
      return receipt;
    },
    publishEach: (contract, make, options, outcome) => publisher.publishEach(contract, make, options, outcome),
    prepare: (contract, make, options) => publisher.prepare(contract, make, options),
    close: () => publisher.close(),
  };
}

async function kept(store: DeadLetterStore, letter: OutgoingRecord): Promise<PublishReceipt> {
  await store.add(letter);
  return { topic: letter.topic, partition: letter.partition, offset: -1 };
}

async function ensureDeadLetters({ transport: { admin } }: ConsumeDependencies, topic: string): Promise<void> {
  const existing = await admin.describeTopics([topic]);
  if (!existing.has(topic)) await admin.createTopics([{ name: topic, partitions: 1, cleanup: "delete", maxMessageBytes: 2 * 1024 * 1024 }]);
}
