import { type Context, ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import { keyIsSensitive } from "../contract/sensitive-key.js";
import type { IncomingRecord } from "../transport/record.js";
import { type ProcessInfo, type ProcessSpan, type StageTimes, withoutSpan } from "./process-span.js";
import { extractContext } from "./propagation.js";
import * as semantic from "./semantic-conventions.js";
import { errorType, markFailed } from "./span-failure.js";
import { remembered, type SpanTemplate, spanTemplate } from "./span-templates.js";
import { activeTracer } from "./tracer.js";

const MAX_KEY_CHARACTERS = 256;

/** Where nothing is traced and nothing came in: one object for all. */
const NO_SPAN = withoutSpan(ROOT_CONTEXT);

/** Starts the spans `process <topic>` of deliveries. */
export class ProcessSpans {
  /** By group, topic and partition. */
  readonly #templates = new Map<string, Map<string, Map<number, SpanTemplate>>>();

  /** @param system `Transport.name` */
  constructor(private readonly system: string) {}

  /**
   * A child of the span that created the message, or a root that links to it. Without an SDK it makes no span, and what the propagators find in the
   * headers (if there are any) is still the context.
   */
  start(record: IncomingRecord, info: ProcessInfo): ProcessSpan {
    const parent = extractContext(record.headers);
    const tracer = activeTracer();
    if (tracer === undefined) return parent === ROOT_CONTEXT ? NO_SPAN : withoutSpan(parent);
    const { name, options } = this.#template(info.group, record);
    const created = info.relation === "link" ? trace.getSpanContext(parent) : undefined;
    const links = created === undefined ? [] : [{ context: created }];
    const span = tracer.startSpan(name, info.relation === "link" ? { ...options, root: true, links } : options, parent);
    const context = trace.setSpan(parent, span);
    return span.isRecording() ? new RecordingProcessSpan(span, context, record, info) : withoutSpan(context);
  }

  #template(group: string, { topic, partition }: IncomingRecord): SpanTemplate {
    const byTopic = remembered(this.#templates, group, () => new Map<string, Map<number, SpanTemplate>>());
    const byPartition = remembered(byTopic, topic, () => new Map<number, SpanTemplate>());
    const make = () => spanTemplate(this.system, SpanKind.CONSUMER, semantic.OPERATION_PROCESS, { topic, partition, group });
    return remembered(byPartition, partition, make);
  }
}

class RecordingProcessSpan implements ProcessSpan {
  #totals: Record<string, number> | undefined;
  /** Of `performance`, from which the SDK takes the lengths of spans. */
  #settledAt = 0;

  constructor(
    private readonly span: Span,
    readonly context: Context,
    private readonly record: IncomingRecord,
    private readonly info: ProcessInfo,
  ) {}

  /** Not any more once it has ended: a handler may go on after its delivery was given up. */
  get isRecording(): boolean {
    return this.span.isRecording();
  }

  retried(attempt: number, error: unknown): void {
    this.span.addEvent(semantic.BUS_RETRY_EVENT, { [semantic.BUS_RETRY_ATTEMPT]: attempt, [semantic.ERROR_TYPE]: errorType(error) });
  }

  passed(times: StageTimes): void {
    const attributes = timeAttributes(times);
    if (attributes === undefined) return;
    this.#totals ??= {};
    for (const name in attributes) this.#totals[name] = (this.#totals[name] ?? 0) + (attributes[name] ?? 0);
    this.span.addEvent(semantic.BUS_STAGE_EVENT, { [semantic.BUS_STAGE_NAME]: times.stage, ...attributes });
  }

  settled(error?: unknown): void {
    this.#settledAt = performance.now();
    describe(this.span, this.record, this.info);
    if (this.#totals !== undefined) this.span.setAttributes(this.#totals);
    if (error === undefined) return;
    if (error instanceof Error) this.span.recordException(error);
    markFailed(this.span, error);
  }

  end(isCommitted: boolean): void {
    const waitMs = isCommitted ? Math.round(performance.now() - this.#settledAt) : 0;
    if (waitMs > 0) this.span.setAttribute(semantic.BUS_WAIT_COMMIT, waitMs);
    this.span.end(this.#settledAt);
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

/** What only this record has. What its `create` span says already (its id) and what the topic says (its type) is not said again: each attribute costs. */
function describe(span: Span, record: IncomingRecord, { contract, receivedAt }: ProcessInfo): void {
  span.setAttribute(semantic.KAFKA_OFFSET, record.offset);
  // clocks of two machines differ
  const topicMs = receivedAt - record.timestamp;
  if (topicMs > 0) span.setAttribute(semantic.BUS_WAIT_TOPIC, topicMs);
  if (record.value === null) span.setAttribute(semantic.KAFKA_MESSAGE_TOMBSTONE, true);
  const key = keyIsSensitive(contract) ? undefined : keyText(record.key);
  if (key !== undefined) span.setAttribute(semantic.KAFKA_MESSAGE_KEY, key);
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
