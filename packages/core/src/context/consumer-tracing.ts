import type { ConsumerTracing } from "./process-span.js";
import { startBatchSpan } from "./start-batch-span.js";
import { startProcessSpan } from "./start-process-span.js";

/** The spans of deliveries, with the system that they come from. @internal */
export function consumerTracing(system: string): ConsumerTracing {
  return {
    startProcessSpan: (record, info) => startProcessSpan(record, info, system),
    startBatchSpan: (contexts, info) => startBatchSpan(contexts, info, system),
  };
}
