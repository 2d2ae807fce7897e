import { type Attributes, type Context, ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import { MESSAGE_ID_HEADER } from "../publish/record-headers.js";
import { headerText, type IncomingRecord } from "../transport/record.js";
import type { ProcessInfo, ProcessSpan } from "./process-span.js";
import { extractContext } from "./propagation.js";
import * as semantic from "./semantic-conventions.js";
import { errorType, markFailed } from "./span-failure.js";
import { activeTracer } from "./tracer.js";

const MAX_KEY_CHARACTERS = 256;

export interface ProcessSpanOptions extends ProcessInfo {
  /** `Transport.name`. */
  readonly system: string;
}

/** Where nothing is traced and nothing came in: one object for all. */
const NO_SPAN: ProcessSpan = { context: ROOT_CONTEXT, retried() {}, end() {} };

/**
 * Starts the span `process <topic>` of a delivery, a child of the span that created the message. Without an SDK it makes no span, and
 * what the propagators find in the headers (if there are any) is still the context.
 *
 * @internal
 */
export function startProcessSpan(record: IncomingRecord, options: ProcessSpanOptions): ProcessSpan {
  const parent = extractContext(record.headers);
  const tracer = activeTracer();
  if (tracer === undefined) return parent === ROOT_CONTEXT ? NO_SPAN : { ...NO_SPAN, context: parent };
  const attributes = processAttributes(record, options);
  const span = tracer.startSpan(`${semantic.OPERATION_PROCESS} ${record.topic}`, { kind: SpanKind.CONSUMER, attributes }, parent);
  return new RecordingProcessSpan(span, trace.setSpan(parent, span));
}

class RecordingProcessSpan implements ProcessSpan {
  readonly #span: Span;

  constructor(
    span: Span,
    readonly context: Context,
  ) {
    this.#span = span;
  }

  retried(attempt: number, error: unknown): void {
    this.#span.addEvent(semantic.BUS_RETRY_EVENT, { [semantic.BUS_RETRY_ATTEMPT]: attempt, [semantic.ERROR_TYPE]: errorType(error) });
  }

  end(error?: unknown): void {
    if (error !== undefined) {
      if (error instanceof Error) this.#span.recordException(error);
      markFailed(this.#span, error);
    }
    this.#span.end();
  }
}

function processAttributes(record: IncomingRecord, options: ProcessSpanOptions): Attributes {
  const attributes: Attributes = {
    [semantic.MESSAGING_SYSTEM_NAME]: options.system,
    [semantic.MESSAGING_OPERATION_NAME]: semantic.OPERATION_PROCESS,
    [semantic.MESSAGING_OPERATION_TYPE]: semantic.OPERATION_PROCESS,
    [semantic.MESSAGING_DESTINATION_NAME]: record.topic,
    [semantic.MESSAGING_DESTINATION_PARTITION_ID]: String(record.partition),
    [semantic.MESSAGING_CONSUMER_GROUP_NAME]: options.group,
    [semantic.KAFKA_OFFSET]: record.offset,
    [semantic.BUS_MESSAGE_TYPE]: options.typeName,
  };
  const messageId = headerText(record.headers, MESSAGE_ID_HEADER);
  if (messageId !== undefined) attributes[semantic.MESSAGING_MESSAGE_ID] = messageId;
  if (record.value === null) attributes[semantic.KAFKA_MESSAGE_TOMBSTONE] = true;
  else attributes[semantic.MESSAGING_MESSAGE_BODY_SIZE] = record.value.byteLength;
  const key = options.keyIsSensitive ? undefined : keyText(record.key);
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
