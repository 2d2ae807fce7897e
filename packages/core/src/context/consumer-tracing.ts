import type { ConsumerTracing } from "./process-span.js";
import { ProcessSpans } from "./process-spans.js";
import { startBatchSpan } from "./start-batch-span.js";
import { traceTransaction } from "./trace-transaction.js";

/** The spans of deliveries, with the system that they come from. @internal */
export function consumerTracing(system: string): ConsumerTracing {
  const spans = new ProcessSpans(system);
  return {
    startProcessSpan: (record, info) => spans.start(record, info),
    startBatchSpan: (contexts, info) => startBatchSpan(contexts, info, system),
    traceTransaction: (info, transaction, commit) => traceTransaction(system, info, transaction, commit),
  };
}
