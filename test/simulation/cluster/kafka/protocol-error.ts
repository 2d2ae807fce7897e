/** Errors of the protocol that the simulated cluster answers, by the names that Kafka gives them. */
export const errorCodes = {
  OFFSET_OUT_OF_RANGE: 1,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  NOT_LEADER_OR_FOLLOWER: 6,
  OFFSET_METADATA_TOO_LARGE: 12,
  COORDINATOR_LOAD_IN_PROGRESS: 14,
  NOT_COORDINATOR: 16,
  ILLEGAL_GENERATION: 22,
  INCONSISTENT_GROUP_PROTOCOL: 23,
  UNKNOWN_MEMBER_ID: 25,
  REBALANCE_IN_PROGRESS: 27,
  TOPIC_ALREADY_EXISTS: 36,
  OUT_OF_ORDER_SEQUENCE_NUMBER: 45,
  INVALID_PRODUCER_EPOCH: 47,
  MEMBER_ID_REQUIRED: 79,
} as const;

export type ErrorName = keyof typeof errorCodes;

/** An answer of the cluster that is an error; each client makes of it what its own parser would. */
export class ProtocolError extends Error {
  constructor(
    readonly errorName: ErrorName,
    /** The id that a member has to join with, beside MEMBER_ID_REQUIRED. */
    readonly memberId = "",
  ) {
    super(errorName);
  }

  get code(): number {
    return errorCodes[this.errorName];
  }
}

/** The code of an error of the protocol; any other is a fault of the simulation. */
export function codeOf(error: unknown): number {
  if (error instanceof ProtocolError) return error.code;
  throw error;
}
