import { BusError } from "../errors.js";
import type { CommittedOffset, OutOfRangePolicy, StartFrom, TransportConsumerOptions } from "./transport.js";

export interface StartPositionInput {
  readonly topic: string;
  readonly partition: number;
  readonly group: string;
  readonly committed: CommittedOffset | undefined;
  readonly logStart: number;
  readonly logEnd: number;
  readonly from: StartFrom;
  readonly offsets: TransportConsumerOptions["offsets"] | undefined;
  readonly outOfRange: OutOfRangePolicy;
  /** The first offset at or after `from` when that is a Date; undefined when the log ends before it. */
  readonly offsetAtDate?: number | undefined;
}

/**
 * The offset at which a partition starts, the same on every transport. A committed offset that has left the log is never replaced in
 * silence.
 *
 * @throws {BusError} `offset_out_of_range` under the policy `stop`
 */
export function startPosition(input: StartPositionInput): number {
  const { topic, partition, group, logStart, logEnd, from, outOfRange } = input;
  const committed = input.committed ?? input.offsets?.find((each) => each.topic === topic && each.partition === partition);
  if (committed === undefined) {
    if (from === "earliest") return logStart;
    if (from === "latest") return logEnd;
    return input.offsetAtDate ?? logEnd;
  }
  if (committed.offset >= logStart && committed.offset <= logEnd) return committed.offset;
  if (outOfRange === "earliest") return logStart;
  if (outOfRange === "latest") return logEnd;
  throw new BusError(
    "offset_out_of_range",
    `group ${group} has committed offset ${committed.offset} of ${topic}[${partition}], but the log holds ${logStart} to ${logEnd}; ` +
      `records were deleted before they were read: set outOfRange to "earliest" or "latest" to go on without them`,
    { details: { topic, partition, group, committed: committed.offset, logStart, logEnd } },
  );
}
