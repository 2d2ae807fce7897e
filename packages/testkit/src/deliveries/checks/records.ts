import { type DeliveryEvent, type KeyedRecord, positionId } from "../event.js";

/** All records that the history tells of, each once: also those of which nobody knows that they were published. */
export function recordsOf(events: readonly DeliveryEvent[]): KeyedRecord[] {
  const records = new Map<string, KeyedRecord>();
  const add = ({ topic, partition, offset, key }: KeyedRecord) => {
    const record = { topic, partition, offset, key };
    records.set(positionId(record), record);
  };
  for (const event of events) {
    if (event.kind === "published" || event.kind === "started") add(event);
    if (event.kind === "received") for (const { offset, key } of event.records) add({ topic: event.topic, partition: event.partition, offset, key });
  }
  return [...records.values()];
}
