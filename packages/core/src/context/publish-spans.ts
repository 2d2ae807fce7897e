import { type Attributes, type Context, type Link, ROOT_CONTEXT, type Span, SpanKind, type Tracer, trace } from "@opentelemetry/api";
import type { BusError } from "../errors.js";
import type { SendOutcome } from "../transport/transport.js";
import * as semantic from "./semantic-conventions.js";
import { markFailed } from "./span-failure.js";
import { activeTracer } from "./tracer.js";

/** As many as the SDK keeps, unless told otherwise; it looks at each that it is given. */
const MAX_LINKS = 128;

export interface PublishSpanOptions {
  /** `Transport.name`. */
  readonly system: string;
  readonly topic: string;
  /** Full name of the message; undefined for raw records. */
  readonly typeName?: string;
  readonly messageId?: string;
}

/** `create <topic>`: one message, from the call that publishes it to its acknowledgement. Its context travels in the message. */
export function startCreateSpan(tracer: Tracer, options: PublishSpanOptions, parent: Context): Span {
  return startProducerSpan(tracer, semantic.OPERATION_CREATE, options, parent);
}

/** `send <topic>` of a record that goes out as it is, such as a dead letter: it keeps the trace headers that it has. */
export function startRawSendSpan(tracer: Tracer, options: PublishSpanOptions, parent: Context): Span {
  return startProducerSpan(tracer, semantic.OPERATION_SEND, options, parent);
}

function startProducerSpan(tracer: Tracer, operation: string, options: PublishSpanOptions, parent: Context): Span {
  const attributes = messagingAttributes(operation, options.system, options.topic);
  if (options.typeName !== undefined) attributes[semantic.BUS_MESSAGE_TYPE] = options.typeName;
  if (options.messageId !== undefined) attributes[semantic.MESSAGING_MESSAGE_ID] = options.messageId;
  return tracer.startSpan(`${operation} ${options.topic}`, { kind: SpanKind.PRODUCER, attributes }, parent);
}

function messagingAttributes(operation: string, system: string, topic: string): Attributes {
  return {
    [semantic.MESSAGING_SYSTEM_NAME]: system,
    [semantic.MESSAGING_OPERATION_NAME]: operation,
    [semantic.MESSAGING_OPERATION_TYPE]: operation,
    [semantic.MESSAGING_DESTINATION_NAME]: topic,
  };
}

/** What is known of a record once it is encoded. */
export function describeBody(span: Span, value: Uint8Array | null): void {
  if (value === null) span.setAttribute(semantic.KAFKA_MESSAGE_TOMBSTONE, true);
  else span.setAttribute(semantic.MESSAGING_MESSAGE_BODY_SIZE, value.byteLength);
}

export function endAcknowledged(span: Span, partition: number, offset: number): void {
  span.setAttribute(semantic.MESSAGING_DESTINATION_PARTITION_ID, String(partition));
  span.setAttribute(semantic.KAFKA_OFFSET, offset);
  span.end();
}

export function endFailed(span: Span, error: BusError): void {
  markFailed(span, error);
  span.end();
}

/** A record of a batch, as far as its spans are concerned. */
export interface SentRecord {
  readonly topic: string;
  /** Its `create` span; a raw record has its own `send` span instead and is not linked. */
  readonly span: Span | undefined;
  readonly isRaw: boolean;
  /** Ms since the epoch. */
  readonly enqueuedAt: number;
}

/** The spans of one call of the transport: `send <topic>`, one for each topic of the batch. */
export interface SendSpans {
  end(outcomes: readonly SendOutcome[]): void;
}

/**
 * Each links to the `create` spans of its messages (the first 128 of them); the span of a single message is the child of its `create` span instead. Undefined
 * where nothing of the batch is recorded. The spans of the messages are told how long they have waited until `now`, in ms since the epoch.
 */
export function startSendSpans(system: string, batch: readonly SentRecord[], now: number): SendSpans | undefined {
  const tracer = activeTracer();
  if (tracer === undefined) return undefined;
  const byTopic = new Map<string, { indexes: number[]; creates: Span[] }>();
  for (const [index, { topic, span, isRaw, enqueuedAt }] of batch.entries()) {
    if (span?.isRecording() !== true) continue;
    if (now > enqueuedAt) span.setAttribute(semantic.BUS_WAIT_BATCH, now - enqueuedAt);
    if (isRaw) continue;
    const group = byTopic.get(topic) ?? { indexes: [], creates: [] };
    byTopic.set(topic, group);
    group.indexes.push(index);
    group.creates.push(span);
  }
  if (byTopic.size === 0) return undefined;
  const started = [...byTopic].map(([topic, { indexes, creates }]) => ({ span: startSendSpan(tracer, system, topic, creates), indexes }));
  return {
    end(outcomes) {
      for (const { span, indexes } of started) {
        const failed = indexes.map((index) => outcomes[index]).find((outcome) => outcome?.ok === false);
        if (failed?.ok === false) markFailed(span, failed.error);
        span.end();
      }
    },
  };
}

function startSendSpan(tracer: Tracer, system: string, topic: string, creates: readonly Span[]): Span {
  const attributes = messagingAttributes(semantic.OPERATION_SEND, system, topic);
  const name = `${semantic.OPERATION_SEND} ${topic}`;
  const [only] = creates;
  if (only !== undefined && creates.length === 1) {
    return tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, trace.setSpan(ROOT_CONTEXT, only));
  }
  attributes[semantic.MESSAGING_BATCH_MESSAGE_COUNT] = creates.length;
  const links: Link[] = creates.slice(0, MAX_LINKS).map((span) => ({ context: span.spanContext() }));
  return tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes, links, root: true }, ROOT_CONTEXT);
}
