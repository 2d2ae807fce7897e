import type { RecordBatch, Transport } from "@org/bus-core";
import { onTestFinished } from "vitest";

/** What readers of committed records see of a topic of JSON, in the order of each partition. */
export async function watchTopic<T>(transport: Transport, topic: string) {
  const seen = new Map<string, T>();
  let arrived = () => {};
  const consumer = transport.createConsumer({ group: `${topic}-reader`, topics: [topic], from: "earliest", outOfRange: "stop" });
  await consumer.start({
    assigned() {},
    records({ partition, records }: RecordBatch) {
      // by offset: a reader may see a record again, and that is no second result
      for (const { offset, value } of records) seen.set(`${partition}/${offset}`, JSON.parse(Buffer.from(value ?? []).toString()) as T);
      arrived();
    },
    async revoked() {},
    lost() {},
    stopped() {},
  });
  onTestFinished(() => consumer.close());
  return {
    seen,
    async until(count: number) {
      while (seen.size < count) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    },
  };
}
