import { BusError } from "../errors.js";
import type { PendingRecord } from "./pending-record.js";

export function unknownTopic({ topic, label, isRaw }: Pick<PendingRecord, "topic" | "label" | "isRaw">): BusError {
  // a raw record has no contract to create it by
  const remedy = isRaw ? "create it" : `create it with bus.topics.ensure([${label.slice(label.lastIndexOf(".") + 1)}])`;
  return new BusError("unknown_topic", `topic ${topic} does not exist; ${remedy}`, { details: { topic } });
}

export function recordTooLarge(pending: Pick<PendingRecord, "topic" | "label" | "bytes">, limit: number): BusError {
  return new BusError(
    "record_too_large",
    `${pending.label} for topic ${pending.topic} is too large: ${pending.bytes} bytes with its key and headers, the limit is ${limit} ` +
      "(publish.maxBatchBytes; it has to stay below max.message.bytes of the topic)",
    { details: { topic: pending.topic, bytes: pending.bytes, limit } },
  );
}

/** The caller's signal fired. */
export function publishAborted(pending: PendingRecord, reason: unknown): BusError {
  const sent = pending.phase === "sending";
  const known = sent ? "it was being sent and may have been written" : "it was not sent";
  return new BusError("aborted", `publishing ${pending.label} to ${pending.topic} was aborted: ${known}`, {
    cause: reason,
    mayHaveBeenWritten: sent,
    details: { topic: pending.topic },
  });
}

/** The delivery timeout has passed. */
export function deliveryTimedOut(pending: PendingRecord): BusError {
  const sent = pending.phase === "sending";
  const known = sent ? "it was being sent and may have been written" : "it was not sent";
  const why = pending.lastError === undefined ? "" : `; last error: ${pending.lastError.message}`;
  return new BusError(
    "publish_failed",
    `${pending.label} for topic ${pending.topic} was not acknowledged within ${pending.timeoutMs} ms (deliveryTimeoutMs): ${known}${why}`,
    { cause: pending.lastError, retryable: true, mayHaveBeenWritten: sent, details: { topic: pending.topic, timeoutMs: pending.timeoutMs } },
  );
}

/** The transport gave up on the record; codes that say more than that are kept. */
export function publishFailed(pending: PendingRecord, error: BusError): BusError {
  if (error.code === "unknown_topic") return unknownTopic(pending);
  if (error.code !== "transport_failed" && error.code !== "publish_failed") return error;
  return new BusError("publish_failed", `${pending.label} was not published to ${pending.topic}: ${error.message}`, {
    cause: error,
    retryable: error.retryable,
    mayHaveBeenWritten: error.mayHaveBeenWritten,
    details: { ...error.details, topic: pending.topic },
  });
}

export function publisherClosed(label: string, topic: string): BusError {
  return new BusError("closed", `${label} was not published to ${topic}: the bus is closed`, { details: { topic } });
}
