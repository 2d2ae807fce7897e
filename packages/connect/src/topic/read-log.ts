import { randomUUID } from "node:crypto";
import type { Bus, BusError, PartitionOffsets, RecordBatch, TransportConsumerOptions } from "@org/bus-core";
import { busInternals, sleep } from "@org/bus-core/internal";

/** A log may end in what is no record. */
const lastWaitMs = 2_000;

/**
 * What lies in topics now, from where `options` say, read in a group that nobody else is in and that commits nothing.
 *
 * @param reader says in the name of the group what it is for
 */
export async function* readLog(
  bus: Bus,
  topics: readonly string[],
  reader: string,
  options: Pick<TransportConsumerOptions, "from" | "offsets" | "outOfRange">,
): AsyncGenerator<RecordBatch> {
  const { transport, clock } = busInternals(bus);
  const ends = (await Promise.all(topics.map((topic) => transport.admin.offsets(topic)))).flat();
  const unread = new Set<PartitionOffsets>(ends.filter(({ logStart, logEnd }) => logEnd > logStart));
  if (unread.size === 0) return;
  const endOf = (topic: string, partition: number) => ends.find((each) => each.topic === topic && each.partition === partition);
  const batches: RecordBatch[] = [];
  let arrived = new AbortController();
  let stoppedBy: BusError | undefined;
  const consumer = transport.createConsumer({ ...options, group: `${reader}.${randomUUID()}`, topics });
  try {
    await consumer.start({
      assigned(partitions) {
        for (const { topic, partition, position } of partitions) {
          const end = endOf(topic, partition);
          if (end !== undefined && position >= end.logEnd) unread.delete(end);
        }
      },
      records(batch) {
        batches.push(batch);
        arrived.abort();
      },
      async revoked() {},
      lost() {},
      stopped(error) {
        stoppedBy = error;
        arrived.abort();
      },
    });
    while (unread.size > 0 || batches.length > 0) {
      const batch = batches.shift();
      if (batch === undefined) {
        if (stoppedBy !== undefined) throw stoppedBy;
        arrived = new AbortController();
        await sleep(clock, lastWaitMs, arrived.signal);
        if (batches.length === 0 && stoppedBy === undefined) return;
        continue;
      }
      yield batch;
      const end = endOf(batch.topic, batch.partition);
      if (end !== undefined && (batch.records.at(-1)?.offset ?? 0) >= end.logEnd - 1) unread.delete(end);
    }
  } finally {
    await consumer.close();
  }
}
