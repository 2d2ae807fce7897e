import type { CommittedOffset, IncomingRecord, Logger, PartitionOffsets, TopicPartition, Transport } from "@org/bus-core";
import type { ProcessClock } from "../environment/process-clock.js";

/** What a process uses to reach the cluster. */
export interface Connection {
  readonly transport: Transport;
  /** Ends it as `kill -9` does. */
  crash(): void;
}

/** A cluster inside the simulation, as seen from above. */
export interface SimulatedCluster {
  /** The transport of one process. */
  connect(name: string, clock: ProcessClock, logger: Logger): Connection;
  createTopic(name: string, partitions: number): void;
  offsets(topic: string): readonly PartitionOffsets[];
  /** What consumers can read of a topic now. */
  records(topic: string): readonly IncomingRecord[];
  /** The offset after the last record that the log holds; 0 when it holds none. */
  endOfRecords(at: TopicPartition): number;
  committed(group: string, at: TopicPartition): CommittedOffset | undefined;
  /** Ids of the members that the group knows. */
  members(group: string): readonly string[];
  /** Ends the session of a member as if its heartbeats had not come. */
  expire(group: string, memberId: string): void;
  deleteRecords(at: TopicPartition, offset: number): void;
  /** Uses up offsets without records, as control records and compaction do. */
  skipOffsets(at: TopicPartition, count: number): void;
}
