import { type Attributes, type Context, ROOT_CONTEXT, type Span, SpanKind, type SpanOptions, trace } from "@opentelemetry/api";
import { keyIsSensitive } from "../contract/sensitive-key.js";
import { MESSAGE_ID_HEADER } from "../publish/record-headers.js";
import { headerText, type IncomingRecord } from "../transport/record.js";
import { type ProcessInfo, type ProcessSpan, type StageTimes, withoutSpan } from "./process-span.js";
import { extractContext } from "./propagation.js";
import * as semantic from "./semantic-conventions.js";
import { errorType, markFailed } from "./span-failure.js";
import { activeTracer } from "./tracer.js";

const MAX_KEY_CHARACTERS = 256;

/** Where nothing is traced and nothing came in: one object for all. */
const NO_SPAN = withoutSpan(ROOT_CONTEXT);

/**
 * Starts the span `process <topic>` of a delivery, a child of the span that created the message, or a root that links to it. Without an SDK
 * it makes no span, and what the propagators find in the headers (if there are any) is still the context.
 *
 * @param system `Transport.name`
 * @internal
 */
export function startProcessSpan(record: IncomingRecord, info: ProcessInfo, system: string): ProcessSpan {
  const parent = extractContext(record.headers);
  const tracer = activeTracer();
  if (tracer === undefined) return parent === ROOT_CONTEXT ? NO_SPAN : withoutSpan(parent);
  const span = tracer.startSpan(`${semantic.OPERATION_PROCESS} ${record.topic}`, spanOptions(record, info, system, parent), parent);
  return new RecordingProcessSpan(span, trace.setSpan(parent, span));
}

function spanOptions(record: IncomingRecord, info: ProcessInfo, system: string, parent: Context): SpanOptions {
  const attributes = processAttributes(record, info, system);
  if (info.relation === "parent") return { kind: SpanKind.CONSUMER, attributes };
  const created = trace.getSpanContext(parent);
  return { kind: SpanKind.CONSUMER, attributes, root: true, links: created === undefined ? [] : [{ context: created }] };
}

class RecordingProcessSpan implements ProcessSpan {
  readonly #span: Span;
  readonly #totals: Record<string, number> = {};
  /** Of `performance`, from which the SDK takes the lengths of spans. */
  #settledAt = 0;

  constructor(
    span: Span,
    readonly context: Context,
  ) {
    this.#span = span;
  }

  retried(attempt: number, error: unknown): void {
    this.#span.addEvent(semantic.BUS_RETRY_EVENT, { [semantic.BUS_RETRY_ATTEMPT]: attempt, [semantic.ERROR_TYPE]: errorType(error) });
  }

  get isRecording(): boolean {
    return this.#span.isRecording();
  }

  passed(times: StageTimes): void {
    const attributes = timeAttributes(times);
    if (attributes === undefined) return;
    for (const [name, ms] of Object.entries(attributes)) this.#totals[name] = (this.#totals[name] ?? 0) + ms;
    this.#span.addEvent(semantic.BUS_STAGE_EVENT, { [semantic.BUS_STAGE_NAME]: times.stage, ...attributes });
  }

  settled(error?: unknown): void {
    this.#settledAt = performance.now();
    this.#span.setAttributes(this.#totals);
    if (error === undefined) return;
    if (error instanceof Error) this.#span.recordException(error);
    markFailed(this.#span, error);
  }

  end(isCommitted: boolean): void {
    const waitMs = isCommitted ? Math.round(performance.now() - this.#settledAt) : 0;
    if (waitMs > 0) this.#span.setAttribute(semantic.BUS_WAIT_COMMIT, waitMs);
    this.#span.end(this.#settledAt);
  }
}

/** The times that are not 0; undefined where all are. */
function timeAttributes({ batchMs, keyMs, slotMs, handlerMs, retryMs, deadLetterMs }: StageTimes): Record<string, number> | undefined {
  if (batchMs + keyMs + slotMs + handlerMs + retryMs + deadLetterMs < 1) return undefined;
  const attributes: Record<string, number> = {};
  if (batchMs > 0) attributes[semantic.BUS_WAIT_BATCH] = batchMs;
  if (keyMs > 0) attributes[semantic.BUS_WAIT_KEY] = keyMs;
  if (slotMs > 0) attributes[semantic.BUS_WAIT_SLOT] = slotMs;
  if (retryMs > 0) attributes[semantic.BUS_WAIT_RETRY] = retryMs;
  if (deadLetterMs > 0) attributes[semantic.BUS_WAIT_DEAD_LETTER] = deadLetterMs;
  if (handlerMs > 0) attributes[semantic.BUS_HANDLER] = handlerMs;
  return attributes;
}

function processAttributes(record: IncomingRecord, { group, contract, receivedAt }: ProcessInfo, system: string): Attributes {
  const attributes: Attributes = {
    [semantic.MESSAGING_SYSTEM_NAME]: system,
    [semantic.MESSAGING_OPERATION_NAME]: semantic.OPERATION_PROCESS,
    [semantic.MESSAGING_OPERATION_TYPE]: semantic.OPERATION_PROCESS,
    [semantic.MESSAGING_DESTINATION_NAME]: record.topic,
    [semantic.MESSAGING_DESTINATION_PARTITION_ID]: String(record.partition),
    [semantic.MESSAGING_CONSUMER_GROUP_NAME]: group,
    [semantic.KAFKA_OFFSET]: record.offset,
    [semantic.BUS_MESSAGE_TYPE]: contract.typeName,
  };
  // clocks of two machines differ
  const topicMs = receivedAt - record.timestamp;
  if (topicMs > 0) attributes[semantic.BUS_WAIT_TOPIC] = topicMs;
  const messageId = headerText(record.headers, MESSAGE_ID_HEADER);
  if (messageId !== undefined) attributes[semantic.MESSAGING_MESSAGE_ID] = messageId;
  if (record.value === null) attributes[semantic.KAFKA_MESSAGE_TOMBSTONE] = true;
  else attributes[semantic.MESSAGING_MESSAGE_BODY_SIZE] = record.value.byteLength;
  const key = keyIsSensitive(contract) ? undefined : keyText(record.key);
  if (key !== undefined) attributes[semantic.KAFKA_MESSAGE_KEY] = key;
  return attributes;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Undefined for a key that is no text: the conventions want only what has an unambiguous string form. */
function keyText(key: Uint8Array | null): string | undefined {
  if (key === null || key.byteLength > MAX_KEY_CHARACTERS) return undefined;
  try {
    return decoder.decode(key);
  } catch {
    return undefined;
  }
}
