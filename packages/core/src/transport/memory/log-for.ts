import { BusError } from "../../errors.js";
import type { OutgoingRecord } from "../record.js";
import { type MemoryBroker, unknownTopic } from "./broker.js";
import type { PartitionLog } from "./partition-log.js";

/** Where a record is to be written. @throws {BusError} `unknown_topic`; `publish_failed` for a record that its topic does not take */
export function logFor(broker: MemoryBroker, { topic, partition, key }: OutgoingRecord): PartitionLog {
  const known = broker.topic(topic);
  if (known === undefined) throw unknownTopic([topic]);
  const details = { topic, partition };
  const log = known.logs[partition];
  if (log === undefined) {
    throw new BusError("unknown_topic", `topic ${topic} has ${known.logs.length} partitions, there is no partition ${partition}`, { details });
  }
  if (key === null && broker.isCompacted(topic)) {
    throw new BusError("publish_failed", `compacted topic cannot accept message without key in topic partition ${topic}-${partition}`, { details });
  }
  return log;
}
