import { type Bus, BusError } from "@org/bus-core";
import { busInternals, partitionName } from "@org/bus-core/internal";
import type { TopicSource } from "../topic/from-topic.js";
import type { SplitStatus } from "./status.js";

/** Where the group of a source that is a topic stands: what it has committed of each partition, and what lies behind that. */
export async function committedOffsets(bus: Bus, source: TopicSource<unknown>, group: string): Promise<readonly SplitStatus[]> {
  const { admin } = busInternals(bus).transport;
  const topics = [...new Set(source.contracts.flatMap(({ topic }) => topic?.name ?? []))];
  const [committed, partitions] = await Promise.all([admin.committed(group, topics), Promise.all(topics.map((topic) => admin.offsets(topic)))]);
  return partitions.flat().map(({ topic, partition, logStart, logEnd }) => {
    const offset = committed.find((each) => each.topic === topic && each.partition === partition)?.offset;
    const lag = Math.max(0, logEnd - Math.max(offset ?? 0, logStart));
    return { split: partitionName({ topic, partition }), position: offset ?? null, records: offset ?? 0, lag };
  });
}

/** Offsets of a group are changed by the tools of the broker. */
export function refuseChange(connector: string, group: string): BusError {
  return new BusError(
    "unsupported",
    `the source of ${connector} is a topic: its consumer group ${group} has the offsets; stop the connector in all processes and change them as those of any group: ` +
      `kafka-consumer-groups.sh --bootstrap-server BROKER --group ${group} --topic TOPIC:PARTITION --reset-offsets --to-offset OFFSET --execute`,
  );
}
