import { BusError, type OutgoingRecord } from "@org/bus-core";
import { contractsOf } from "../define/contracts-of.js";
import { publishOutput } from "../topic/publish-output.js";
import { TopicSink } from "../topic/to-topic.js";
import { exactlyOnceOf } from "./engine-options.js";
import type { TaskEnvironment } from "./environment.js";
import type { Output } from "./output.js";
import { writeOutput } from "./write/write-output.js";
import { startWriting, writeTracing } from "./write-tracing.js";

const defaultBatching = { maxRecords: 500, maxBytes: 4 * 1024 * 1024, maxWaitMs: 50 };

/** Opens the sink of a connector for one task. */
export async function openOutput({ connector, context, stats, dependencies }: TaskEnvironment, isStarved: () => boolean): Promise<Output> {
  const { sink, batch, flushIntervalMs, writeTimeoutMs } = connector;
  const { clock, signal } = context;
  const report = {
    onWritten: (records: number) => stats.wrote(records, clock.now()),
    onRetry: () => stats.retry(),
  };
  if (sink instanceof TopicSink) {
    // a transaction is a write of many, and tells what is written
    const isTransactional = exactlyOnceOf(connector, dependencies.transport.features.transactions) !== undefined;
    if (isTransactional) return publishOutput({ sink, ...report, trace: undefined, onWritten: undefined });
    return publishOutput({ sink, trace: startWriting({ connector, stats }), ...report });
  }
  const { batching = {} } = sink;
  const limits = {
    maxRecords: batch.maxRecords ?? batching.maxRecords ?? defaultBatching.maxRecords,
    maxBytes: batch.maxBytes ?? batching.maxBytes ?? defaultBatching.maxBytes,
    maxWaitMs: batch.maxWaitMs ?? batching.maxWaitMs ?? defaultBatching.maxWaitMs,
  };
  const writer = await sink.open(context);
  if (signal.aborted) {
    // it came too late
    await writer.close();
    throw new BusError("aborted", `the task ended while ${sink.name} was opening`);
  }
  return writeOutput({
    sink,
    writer,
    contracts: contractsOf(connector),
    limits,
    flushIntervalMs,
    timeoutMs: writeTimeoutMs,
    clock,
    signal,
    isStarved,
    trace: writeTracing({ connector, stats }),
    ...report,
  });
}

/** Counts, exactly once, what a transaction has written to the topics of the sink; dead letters lie elsewhere. */
export function countCommitted({ connector: { sink }, context, stats }: TaskEnvironment): (records: readonly OutgoingRecord[]) => void {
  const topics = new Set(sink instanceof TopicSink ? sink.contracts.map(({ topic }) => topic?.name) : []);
  return (records) => {
    const written = records.filter(({ topic }) => topics.has(topic)).length;
    if (written > 0) stats.wrote(written, context.clock.now());
  };
}
