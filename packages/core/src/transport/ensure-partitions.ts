import type { TransportAdmin } from "./transport.js";

/** Adds partitions to a topic. Another process may do the same at the same time; what counts is that they are there. */
export async function ensurePartitions(admin: TransportAdmin, topic: string, total: number): Promise<void> {
  try {
    await admin.addPartitions(topic, total);
  } catch (error) {
    const partitions = (await admin.describeTopics([topic])).get(topic)?.partitions ?? 0;
    if (partitions < total) throw error;
  }
}
