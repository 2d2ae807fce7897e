import { ConnectionFault, faultType, mayPass, TOO_LARGE } from "../client/faults.js";

/**
 * What to do about a batch that was not acknowledged.
 *
 * - `retry`: again in a while, the same records under the same sequence numbers, to whoever leads the partition then
 * - `split`: the broker refuses the batch as a whole, for its size or for one of its records
 * - `renew`: the broker does not accept the sequence numbers of this producer
 * - `missing`: the topic or the partition is not there, or not known yet
 * - `give-up`: the answer will be the same next time
 */
export type Remedy = "retry" | "split" | "renew" | "missing" | "give-up";

export interface Failure {
  readonly remedy: Remedy;
  /** The broker did not say what became of the records: they may be in the log. */
  readonly uncertain: boolean;
}

const SEQUENCE_ERRORS = ["OUT_OF_ORDER_SEQUENCE_NUMBER", "UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_EPOCH", "INVALID_PRODUCER_ID_MAPPING"];
/** One bad record, and the broker writes none of its batch: a timestamp out of range, or no key where the topic is compacted. */
const BAD_RECORD = ["INVALID_RECORD", "INVALID_TIMESTAMP"];
/** Answers that do not tell whether the batch is in the log; a leader that steps down may have appended and passed it on before. */
const UNCERTAIN_ANSWERS = [
  "REQUEST_TIMED_OUT",
  "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
  "NOT_LEADER_OR_FOLLOWER",
  "NETWORK_EXCEPTION",
  "KAFKA_STORAGE_ERROR",
  "UNKNOWN_SERVER_ERROR",
  "DUPLICATE_SEQUENCE_NUMBER",
];

export function classify(error: unknown): Failure {
  if (error instanceof ConnectionFault) return { remedy: "retry", uncertain: error.sent };
  const type = faultType(error);
  return { remedy: remedyFor(type, mayPass(error)), uncertain: UNCERTAIN_ANSWERS.includes(type) };
}

function remedyFor(type: string, retriable: boolean): Remedy {
  if (TOO_LARGE.includes(type) || BAD_RECORD.includes(type)) return "split";
  if (SEQUENCE_ERRORS.includes(type)) return "renew";
  if (type === "UNKNOWN_TOPIC_OR_PARTITION") return "missing";
  return retriable ? "retry" : "give-up";
}
