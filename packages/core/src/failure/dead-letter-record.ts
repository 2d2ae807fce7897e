import { BusError, messageOf, textOf } from "../errors.js";
import type { HeaderValue, IncomingRecord, OutgoingRecord } from "../transport/record.js";
import { deadLetterTopic } from "./dead-letter-topic.js";

const maxMessageLength = 1_000;
const maxStackLength = 4_000;

/** How a record came to be a dead letter. */
export interface Failure {
  readonly group: string;
  /** Tries that it had. */
  readonly attempts: number;
  /** Where in the pipe: `handler`, `mapKeyed`. */
  readonly stage: string;
  readonly error: unknown;
  /** Milliseconds since the epoch. */
  readonly failedAt: number;
}

/**
 * The dead letter of `record`: its own key, value, headers (so it stays in its trace) and partition number, the time of the failure as its
 * timestamp, and how it failed in headers:
 *
 * | header | meaning |
 * |---|---|
 * | `bus-dlq-topic`, `-partition`, `-offset`, `-timestamp` | where the record lay, and its timestamp in ms since the epoch |
 * | `bus-dlq-group` | the group that could not process it |
 * | `bus-dlq-attempts` | tries that it had |
 * | `bus-dlq-stage` | where in the pipe it failed: `handler`, `mapKeyed`, `decode` |
 * | `bus-dlq-error-code` | the code of a `BusError`; absent for other errors |
 * | `bus-dlq-error-class`, `-error-message`, `-error-stack` | of the last error; message and stack are cut at 1,000 and 4,000 characters, and absent where the topic refuses the dead letter as too large with them |
 * | `bus-dlq-failed-at` | ms since the epoch |
 */
export function deadLetterRecord(record: IncomingRecord, failure: Failure): OutgoingRecord {
  const { error } = failure;
  const text: Record<string, string | undefined> = {
    "bus-dlq-topic": record.topic,
    "bus-dlq-partition": String(record.partition),
    "bus-dlq-offset": String(record.offset),
    "bus-dlq-timestamp": String(record.timestamp),
    "bus-dlq-group": failure.group,
    "bus-dlq-attempts": String(failure.attempts),
    "bus-dlq-stage": failure.stage,
    "bus-dlq-error-code": errorCode(error),
    "bus-dlq-error-class": errorClass(error),
    "bus-dlq-error-message": cut(messageOf(error), maxMessageLength),
    "bus-dlq-error-stack": cut(textOf(() => (error instanceof Error ? (error.stack ?? "") : "")) ?? "", maxStackLength) || undefined,
    "bus-dlq-failed-at": String(failure.failedAt),
  };
  const encoder = new TextEncoder();
  const headers: Record<string, HeaderValue> = { ...record.headers };
  for (const [name, value] of Object.entries(text)) if (value !== undefined) headers[name] = encoder.encode(value);
  return {
    topic: deadLetterTopic(record.topic, failure.group),
    partition: record.partition,
    key: record.key,
    value: record.value,
    headers,
    // a topic may refuse one that is long ago (`message.timestamp.before.max.ms`) or to come, and would for ever
    timestamp: failure.failedAt,
  };
}

/** The code of a BusError. */
export function errorCode(error: unknown): string | undefined {
  return textOf(() => (error instanceof BusError ? error.code : "")) || undefined;
}

/** The name of the class of an error; the type of what is none. */
export function errorClass(error: unknown): string {
  return textOf(() => (error instanceof Error ? error.name : typeof error)) ?? typeof error;
}

/** `letter` without what may be long about its error, for a topic that does not take all of it. */
export function withoutErrorText(letter: OutgoingRecord): OutgoingRecord {
  const { "bus-dlq-error-message": _message, "bus-dlq-error-stack": _stack, ...headers } = letter.headers;
  return { ...letter, headers };
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
