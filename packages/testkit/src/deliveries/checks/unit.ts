import { type KeyedRecord, partitionId } from "../event.js";

/** What keeps its order and excludes itself: records of one key, of one partition, or nothing. */
export type UnitOf = (record: KeyedRecord) => string | undefined;

/** What each setting of `order` means. */
export const units: Readonly<Record<"key" | "partition" | "none", UnitOf>> = {
  key: ({ topic, key }) => (key === null ? undefined : JSON.stringify([topic, key])),
  partition: partitionId,
  none: () => undefined,
};
