import { type Context, type Link, SpanKind, trace } from "@opentelemetry/api";
import type { BatchInfo, BatchSpan } from "./process-span.js";
import * as semantic from "./semantic-conventions.js";
import { markFailed } from "./span-failure.js";
import { activeTracer } from "./tracer.js";

/**
 * Starts the span `process batch <topic>` of one call of user code for several messages. It links to the `process` span of each, and is a
 * child of the first one's, so that what the call publishes stays in one of the traces that caused it; a root where the stream links. The
 * SDK keeps 128 links unless told otherwise.
 *
 * @param system `Transport.name`
 * @internal
 */
export function startBatchSpan(contexts: readonly [Context, ...Context[]], options: BatchInfo, system: string): BatchSpan {
  const [first] = contexts;
  const tracer = activeTracer();
  if (tracer === undefined) return { context: first, end() {} };
  const links = contexts.flatMap((context): Link[] => {
    const linked = trace.getSpanContext(context);
    return linked === undefined ? [] : [{ context: linked }];
  });
  const attributes = {
    [semantic.MESSAGING_SYSTEM_NAME]: system,
    [semantic.MESSAGING_OPERATION_NAME]: semantic.OPERATION_PROCESS_BATCH,
    [semantic.MESSAGING_OPERATION_TYPE]: semantic.OPERATION_PROCESS,
    [semantic.MESSAGING_DESTINATION_NAME]: options.topic,
    [semantic.MESSAGING_CONSUMER_GROUP_NAME]: options.group,
    [semantic.MESSAGING_BATCH_MESSAGE_COUNT]: contexts.length,
  };
  const name = `${semantic.OPERATION_PROCESS_BATCH} ${options.topic}`;
  const span = tracer.startSpan(name, { kind: SpanKind.CONSUMER, attributes, links, root: options.relation === "link" }, first);
  return {
    context: trace.setSpan(first, span),
    end(error) {
      if (error !== undefined) markFailed(span, error);
      span.end();
    },
  };
}
