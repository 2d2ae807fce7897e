import { type Context, ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import { keyIsSensitive } from "../contract/sensitive-key.js";
import type { IncomingRecord } from "../transport/record.js";
import { type ProcessInfo, type ProcessSpan, withoutSpan } from "./process-span.js";
import { extractContext } from "./propagation.js";
import { RecordedSpan } from "./recorded-span.js";
import * as semantic from "./semantic-conventions.js";
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
    return span.isRecording() ? new RecordedProcessSpan(span, context, record, info) : withoutSpan(context);
  }

  #template(group: string, { topic, partition }: IncomingRecord): SpanTemplate {
    const byTopic = remembered(this.#templates, group, () => new Map<string, Map<number, SpanTemplate>>());
    const byPartition = remembered(byTopic, topic, () => new Map<number, SpanTemplate>());
    const make = () => spanTemplate(this.system, SpanKind.CONSUMER, semantic.OPERATION_PROCESS, { topic, partition, group });
    return remembered(byPartition, partition, make);
  }
}

class RecordedProcessSpan extends RecordedSpan {
  constructor(
    span: Span,
    context: Context,
    private readonly record: IncomingRecord,
    private readonly info: ProcessInfo,
  ) {
    super(span, context);
  }

  protected override describe(span: Span): void {
    describe(span, this.record, this.info);
  }
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
