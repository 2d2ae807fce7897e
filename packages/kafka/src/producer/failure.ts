import { isRetriable, protocolError, rootCause, TOO_LARGE } from "../client/errors.js";
import { LeaderMoved } from "./partition-leaders.js";

/**
 * What to do about a request that failed.
 *
 * - `regroup`: nothing was sent; at once again, by leaders as they are now known
 * - `retry`: again in a while, the same records under the same sequence numbers
 * - `expired`: the time for the whole send is over; the request may still be under way
 * - `split`: the broker refuses the batch as a whole, for its size or for one of its records
 * - `renew`: the broker does not accept the sequence numbers of this producer
 * - `missing`: the topic or the partition is not there, or not known yet
 * - `give-up`: the answer will be the same next time
 */
export type Remedy = "regroup" | "retry" | "expired" | "split" | "renew" | "missing" | "give-up";

export interface Failure {
  readonly remedy: Remedy;
  /** The broker did not say what became of the records: they may be in the log. */
  readonly unanswered: boolean;
}

const SEQUENCE_ERRORS = ["OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_ID_MAPPING"];
/** One bad record, and the broker writes none of its batch: a timestamp out of range, or no key where the topic is compacted. */
const BAD_RECORD = ["INVALID_RECORD", "INVALID_TIMESTAMP"];
/** Answers that do not tell whether the batch is in the log; a leader that steps down may have appended and passed it on before. */
const UNCERTAIN_ANSWERS = [
  "REQUEST_TIMED_OUT",
  "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  "NOT_LEADER_FOR_PARTITION",
  "NETWORK_EXCEPTION",
  "KAFKA_STORAGE_ERROR",
  "UNKNOWN",
  "KAFKAJS_UNKNOWN_ERROR_CODE",
  "DUPLICATE_SEQUENCE_NUMBER",
];
/** Errors of kafkajs from before a request is written. */
const UNSENT_ERRORS = ["KafkaJSBrokerNotFound", "KafkaJSMetadataNotLoaded", "KafkaJSLockTimeout", "KafkaJSTopicMetadataNotLoaded"];

/** No answer when the time for the whole send was over. */
export class SendExpired extends Error {}

export function classify(error: unknown): Failure {
  if (error instanceof SendExpired) return { remedy: "expired", unanswered: true };
  const root = rootCause(error);
  if (root instanceof LeaderMoved) return { remedy: "regroup", unanswered: false };
  const type = protocolError(root);
  if (type !== "") return { remedy: remedyFor(type, isRetriable(root)), unanswered: UNCERTAIN_ANSWERS.includes(type) };
  if (!(root instanceof Error)) return { remedy: "give-up", unanswered: true };
  if (root.name.startsWith("KafkaJSSASL") || root.name === "KafkaJSNotImplemented" || root.name === "BusError") {
    return { remedy: "give-up", unanswered: false };
  }
  const unsent = UNSENT_ERRORS.includes(root.name) || ("code" in root && root.code === "ECONNREFUSED");
  return { remedy: root.name.startsWith("KafkaJS") ? "retry" : "give-up", unanswered: !unsent };
}

function remedyFor(type: string, retriable: boolean): Remedy {
  if (TOO_LARGE.includes(type) || BAD_RECORD.includes(type)) return "split";
  if (SEQUENCE_ERRORS.includes(type)) return "renew";
  if (type === "UNKNOWN_TOPIC_OR_PARTITION") return "missing";
  return retriable ? "retry" : "give-up";
}
