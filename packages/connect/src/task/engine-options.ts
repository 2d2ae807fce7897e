import { consumeOptions, type ResolvedConsumeOptions, resolveOptions } from "@org/bus-core/internal";
import type { ResolvedConnector } from "../define/options.js";
import { TopicSink } from "../topic/to-topic.js";

/** What the options of a connector are to the engine. */
export function engineOptions(
  { name, failure, maxInFlight, drainTimeoutMs }: ResolvedConnector,
  own: Partial<ResolvedConsumeOptions>,
): ResolvedConsumeOptions {
  const { attempts, initialBackoffMs, maxBackoffMs, jitter, tolerate } = failure;
  return resolveOptions("connector", consumeOptions, {
    group: name,
    failure: { attempts, initialBackoffMs, maxBackoffMs, jitter, otherwise: tolerate === "all" ? "deadLetter" : "stop" },
    credit: { maxUnsettled: maxInFlight.records, maxUnsettledBytes: maxInFlight.bytes, maxOffsetSpan: Math.max(10_000, maxInFlight.records) },
    drainTimeoutMs,
    ...own,
  });
}

/** How transactions are cut, where the connector writes exactly once. */
export function exactlyOnceOf({ source, sink }: ResolvedConnector, hasTransactions: boolean) {
  if (!(sink instanceof TopicSink)) return undefined;
  const { exactlyOnce = source.replayable && hasTransactions, transactionMaxWaitMs, transactionMaxRecords } = sink.options;
  return exactlyOnce ? { maxWaitMs: transactionMaxWaitMs, maxMessages: transactionMaxRecords } : undefined;
}
