import type { Context } from "@opentelemetry/api";
import type { BatchSpan } from "../../context/process-span.js";
import type { RunScope } from "../run/run-scope.js";

interface Part {
  readonly context: Context;
}

/** Starts the span of a call of user code for several records or deliveries of `topic`, and those of its parts where they have not begun. */
export function startBatchSpan(run: RunScope, topic: string, first: Part, others: readonly Part[]): BatchSpan {
  const contexts = [first.context, ...others.map(({ context }) => context)] as const;
  return run.tracing.startBatchSpan(contexts, { group: run.group, topic, relation: run.traceRelation });
}
