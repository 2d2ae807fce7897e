import { type Context, isSpanContextValid, type Link, ROOT_CONTEXT, SpanKind, TraceFlags, trace } from "@opentelemetry/api";
import type { Transaction } from "../transport/transport.js";
import { extractContext } from "./propagation.js";
import * as semantic from "./semantic-conventions.js";
import { markFailed } from "./span-failure.js";
import { spanTemplate } from "./span-templates.js";
import { activeTracer } from "./tracer.js";

/** As many as the SDK keeps, unless told otherwise. */
const MAX_LINKS = 128;

/** Of which partition of which group a transaction is. */
export interface TransactionInfo {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/**
 * `commit <topic>`: one try to commit a transaction. It links to the `create` spans of the messages in it, which their headers name (of a dead letter, to
 * that of the message); the child of the only one. No span where none of them is sampled, or nothing is written but offsets.
 *
 * @param system `Transport.name`
 */
export async function traceTransaction<T>(system: string, info: TransactionInfo, transaction: Transaction, commit: () => Promise<T>): Promise<T> {
  const tracer = activeTracer();
  if (tracer === undefined) return commit();
  const { records } = transaction;
  const written = records.slice(0, MAX_LINKS).map(({ headers }) => extractContext(headers));
  const links = written.flatMap((each) => linkTo(each) ?? []);
  const [only] = written;
  if (only === undefined || links.length === 0) return commit();
  const isChild = records.length === 1;
  const { name, options } = spanTemplate(system, SpanKind.CLIENT, semantic.OPERATION_COMMIT, info);
  const attributes = {
    ...options.attributes,
    [semantic.MESSAGING_OPERATION_TYPE]: semantic.OPERATION_SETTLE,
    [semantic.MESSAGING_BATCH_MESSAGE_COUNT]: records.length,
  };
  const span = tracer.startSpan(name, { ...options, attributes, ...(!isChild && { links }) }, isChild ? only : ROOT_CONTEXT);
  try {
    return await commit();
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

function linkTo(written: Context): Link | undefined {
  const context = trace.getSpanContext(written);
  if (context === undefined || !isSpanContextValid(context)) return undefined;
  return (context.traceFlags & TraceFlags.SAMPLED) === 0 ? undefined : { context };
}
