import type { AssignedPartition } from "../../transport/transport.js";
import type { PartitionWork } from "../partition/partition-work.js";

/** How what is settled gets to the cluster. */
export interface OffsetCommitter {
  /** Before anything of these partitions is received: what of them is left to do. */
  takeOver(assigned: readonly AssignedPartition[]): Promise<readonly AssignedPartition[]>;
  /** They are at work now. */
  begin(works: readonly PartitionWork[]): void;
  /** Commits those of `works` that have advanced. Never rejects: what could not be committed now is tried with the next commit. */
  commit(works: readonly PartitionWork[]): Promise<void>;
  /** They are fenced. */
  release(works: readonly PartitionWork[]): void;
  close(): Promise<void>;
}
