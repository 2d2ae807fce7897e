import type { IncomingRecord, Transport } from "@org/bus-core";

/** All records that a topic holds now, by a group of its own; each partition in order. */
export async function readLog(transport: Transport, topic: string): Promise<IncomingRecord[]> {
  const ends = await transport.admin.offsets(topic);
  const missing = new Set(ends.filter(({ logStart, logEnd }) => logEnd > logStart).map(({ partition }) => partition));
  const records: IncomingRecord[] = [];
  const consumer = transport.createConsumer({ group: `${topic}-reader`, topics: [topic], from: "earliest", outOfRange: "stop" });
  try {
    await new Promise<void>((resolve, reject) => {
      const listener = {
        assigned() {
          if (missing.size === 0) resolve();
        },
        records(batch: { readonly partition: number; readonly records: readonly IncomingRecord[] }) {
          records.push(...batch.records);
          const end = ends.find(({ partition }) => partition === batch.partition)?.logEnd ?? 0;
          if ((batch.records.at(-1)?.offset ?? 0) >= end - 1) missing.delete(batch.partition);
          if (missing.size === 0) resolve();
        },
        async revoked() {},
        lost() {},
        stopped: reject,
      };
      consumer.start(listener).catch(reject);
    });
  } finally {
    await consumer.close();
  }
  return records;
}
