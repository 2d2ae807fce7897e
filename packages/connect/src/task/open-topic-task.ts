import type { Delivery } from "@org/bus-core";
import { derive, openConsumption } from "@org/bus-core/internal";
import type { ConnectRecord } from "../record.js";
import { groupOf, type TopicSource } from "../topic/from-topic.js";
import { closeTask } from "./close-task.js";
import { engineOptions, exactlyOnceOf } from "./engine-options.js";
import type { TaskEnvironment } from "./environment.js";
import { countCommitted, openOutput } from "./open-output.js";
import type { OpenedTask } from "./opened-task.js";
import { pipeline } from "./pipeline.js";
import type { RecordDelivery } from "./step.js";
import { withTracedTransactions, writeTracing } from "./write-tracing.js";

/** Opens the task of a connector that reads topics: a member of a consumer group. */
export async function openTopicTask(environment: TaskEnvironment, source: TopicSource<unknown>): Promise<OpenedTask> {
  const { connector, dependencies, stats, context } = environment;
  const output = await openOutput(environment, () => consumption.explain().partitions.some(({ pausedBy }) => pausedBy !== undefined));
  const { credit, ...rest } = source.options;
  const options = engineOptions(connector, { ...rest, group: groupOf(connector, source), ...(credit === undefined ? {} : { credit }) });
  const exactlyOnce = exactlyOnceOf(connector, dependencies.transport.features.transactions);
  const toRecord = (delivery: Delivery<unknown>): RecordDelivery => {
    stats.took(1, context.clock.now());
    return derive(delivery, topicRecord(source, delivery));
  };
  const transport = withTracedTransactions(dependencies.transport, writeTracing(environment));
  // a transaction is a write of the sink, and has its span as such
  const { startProcessSpan, startBatchSpan } = dependencies.tracing;
  const consumption = openConsumption(
    { ...dependencies, transport, tracing: { startProcessSpan, startBatchSpan } },
    source.contracts,
    { ...options, exactlyOnce, onCommitted: countCommitted(environment), beginsAnew: false },
    pipeline(connector, output, toRecord),
  );
  let closed: Promise<void> | undefined;
  return {
    consumption,
    isExactlyOnce: exactlyOnce !== undefined,
    ended: consumption.closed.then(() => new Promise<never>(() => {})),
    close() {
      closed ??= closeTask(environment, consumption, output);
      return closed;
    },
  };
}

/** For each record of a topic: the fewest objects that it can be. */
function topicRecord(source: TopicSource<unknown>, delivery: Delivery<unknown>): ConnectRecord<unknown> {
  const { topic, partition, offset, key, timestamp, headers, context, value } = delivery;
  const contract = source.contracts.find((each) => delivery.is(each));
  const id = `${topic}[${partition}]@${offset}`;
  const origin = { topic, partition, offset };
  return contract === undefined
    ? { value, id, key, timestamp, headers, context, origin }
    : { value, id, key, timestamp, headers, context, origin, contract };
}
