import { type Context, type Link, ROOT_CONTEXT, type Span, SpanKind, type Tracer, trace } from "@opentelemetry/api";
import type { BusError } from "../errors.js";
import type { SendOutcome } from "../transport/transport.js";
import * as semantic from "./semantic-conventions.js";
import { markFailed } from "./span-failure.js";
import { TopicTemplates } from "./span-templates.js";
import { activeTracer } from "./tracer.js";

/** As many as the SDK keeps, unless told otherwise; it looks at each that it is given. */
const MAX_LINKS = 128;

/** A message that is being published, as far as its trace is concerned. */
export interface PublishedTrace {
  /** What travels with the message. */
  readonly context: Context;
  /** Undefined where nobody will see it: no SDK, or not sampled. */
  readonly span: Span | undefined;
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

/** Starts the spans of what a service publishes. */
export class PublishSpans {
  readonly #create: TopicTemplates;
  readonly #sendRaw: TopicTemplates;
  readonly #send: TopicTemplates;

  /** @param system `Transport.name` */
  constructor(system: string) {
    this.#create = new TopicTemplates(system, SpanKind.PRODUCER, semantic.OPERATION_CREATE);
    this.#sendRaw = new TopicTemplates(system, SpanKind.PRODUCER, semantic.OPERATION_SEND);
    this.#send = new TopicTemplates(system, SpanKind.CLIENT, semantic.OPERATION_SEND);
  }

  /** `create <topic>`: one message, from the call that publishes it to its acknowledgement. */
  startCreate(topic: string, messageId: string, parent: Context): PublishedTrace {
    const tracer = activeTracer();
    if (tracer === undefined) return { context: parent, span: undefined };
    const span = start(tracer, this.#create, topic, parent);
    const context = trace.setSpan(parent, span);
    return { context, span: span.isRecording() ? span.setAttribute(semantic.MESSAGING_MESSAGE_ID, messageId) : undefined };
  }

  /** `send <topic>` of a record that goes out as it is, such as a dead letter: it keeps the trace headers that it has. */
  startRawSend(topic: string, value: Uint8Array | null, parent: Context): Span | undefined {
    const tracer = activeTracer();
    if (tracer === undefined) return undefined;
    const span = start(tracer, this.#sendRaw, topic, parent);
    if (!span.isRecording()) return undefined;
    describeBody(span, value);
    return span;
  }

  /**
   * Each links to the `create` spans of its messages (the first 128 of them); the span of a single message is the child of its `create` span instead.
   * Undefined where nothing of the batch is recorded. The spans of the messages are told how long they have waited until `now`, in ms since the epoch.
   */
  startSends(batch: readonly SentRecord[], now: number): SendSpans | undefined {
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
    const started = [...byTopic].map(([topic, { indexes, creates }]) => ({ span: this.#startSend(tracer, topic, creates), indexes }));
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

  #startSend(tracer: Tracer, topic: string, creates: readonly Span[]): Span {
    const [only] = creates;
    if (only !== undefined && creates.length === 1) return start(tracer, this.#send, topic, trace.setSpan(ROOT_CONTEXT, only));
    const { name, options } = this.#send.of(topic);
    const links: Link[] = creates.slice(0, MAX_LINKS).map((span) => ({ context: span.spanContext() }));
    const attributes = { ...options.attributes, [semantic.MESSAGING_BATCH_MESSAGE_COUNT]: creates.length };
    return tracer.startSpan(name, { ...options, attributes, links, root: true }, ROOT_CONTEXT);
  }
}

function start(tracer: Tracer, templates: TopicTemplates, topic: string, parent: Context): Span {
  const { name, options } = templates.of(topic);
  return tracer.startSpan(name, options, parent);
}

/** What is known of a record once it is encoded. */
export function describeBody(span: Span, value: Uint8Array | null): void {
  if (value === null) span.setAttribute(semantic.KAFKA_MESSAGE_TOMBSTONE, true);
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
