import type { AssignedPartition, TransportConsumerOptions } from "@org/bus-core";
import { startPosition } from "@org/bus-core/internal";
import type { Cluster } from "../client/cluster.js";
import type { Coordinator } from "../client/coordinator.js";
import { nameOf } from "../client/topic-partitions.js";
import { committedOffsets } from "../offsets/committed-offsets.js";
import { EARLIEST, LATEST, logOffsets } from "../offsets/log-offsets.js";
import type { OwnedPartition } from "./owned-partition.js";

/**
 * Where each partition starts, by its committed offset and its log.
 *
 * @throws {BusError} `offset_out_of_range` under the policy `stop`
 * @throws {ConnectionFault | ProtocolFault}
 */
export async function startPositions(
  cluster: Cluster,
  coordinator: Coordinator,
  partitions: readonly OwnedPartition[],
  options: TransportConsumerOptions,
): Promise<AssignedPartition[]> {
  const { group, from, offsets, outOfRange } = options;
  if (partitions.length === 0) return [];
  const { client, layout } = cluster;
  await layout.refresh(partitions.map(({ topic }) => topic));
  // below 0 are no times but signs
  const time = from instanceof Date ? BigInt(Math.max(0, from.getTime())) : undefined;
  const [committed, starts, ends, atTime] = await Promise.all([
    // a member that died in a transaction leaves it open until the next owner, who has to be assigned first, takes its id over
    committedOffsets(coordinator, group, partitions, "before"),
    logOffsets(client, layout, partitions, EARLIEST),
    logOffsets(client, layout, partitions, LATEST),
    time === undefined ? undefined : logOffsets(client, layout, partitions, time),
  ]);
  const commits = new Map(committed.map((each) => [nameOf(each), { offset: each.offset, metadata: each.metadata }]));
  return partitions.map((owned) => {
    const { topic, partition } = owned;
    const name = nameOf(owned);
    const [logStart, logEnd] = [starts.get(name) ?? 0, ends.get(name) ?? 0];
    const found = atTime?.get(name) ?? -1;
    const offsetAtDate = found < 0 ? undefined : found;
    const position = startPosition({
      topic,
      partition,
      group,
      committed: commits.get(name),
      logStart,
      logEnd,
      from,
      offsets,
      outOfRange,
      offsetAtDate,
    });
    return { ...owned.asEpoch, position, committed: commits.get(name), logStart, logEnd };
  });
}
