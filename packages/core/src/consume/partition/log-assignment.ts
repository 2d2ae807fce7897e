import type { Logger } from "../../logger.js";
import { partitionName } from "../../transport/record.js";
import type { AssignedPartition } from "../../transport/transport.js";
import type { PartitionWork } from "./partition-work.js";

/** What there is to say about partitions that a run begins to work on. */
export function logAssignment(logger: Logger, group: string, assigned: readonly AssignedPartition[], works: readonly PartitionWork[]): void {
  logger.debug({ group, partitions: works.map(partitionName) }, "partitions assigned");
  for (const { topic, partition, position, committed, logStart, logEnd } of assigned) {
    if (committed === undefined || committed.offset === position) continue;
    logger.warn(
      { group, topic, partition, committed: committed.offset, position, logStart, logEnd },
      "the committed offset is not in the log any more: records were deleted before they were read, and outOfRange says to go on without them",
    );
  }
  const foreign = works.filter(({ hasForeignMetadata }) => hasForeignMetadata);
  if (foreign.length === 0) return;
  logger.warn(
    { group, partitions: foreign.map(partitionName) },
    "the commits of these partitions have metadata of another program, which is ignored and will be overwritten",
  );
}
