import type { DeliveryEvent, FenceReason, KeyedRecord } from "../src/index.js";

/** Events of histories that tests write by hand: topic `t`, partition 0, member `m1` and assignment 1 unless they say otherwise. */
const where = { topic: "t", partition: 0 };
const within = { member: "m1", assignment: 1 };
type Within = Partial<typeof within>;

export const at = (offset: number, key: string | null, partition = 0): KeyedRecord => ({ topic: "t", partition, offset, key });
export const published = (...records: KeyedRecord[]): DeliveryEvent[] => records.map((record) => ({ kind: "published", ...record }));
export const deleted = (offset: number): DeliveryEvent => ({ kind: "deleted", ...where, offset });
export const start = (record: KeyedRecord, by: Within = {}): DeliveryEvent => ({ kind: "started", ...record, ...by });
export const settle = (record: KeyedRecord, by: Within = {}): DeliveryEvent => ({ kind: "ended", outcome: "settled", ...record, ...by });
export const pass = (record: KeyedRecord, by: Within = {}): DeliveryEvent => ({ kind: "ended", outcome: "passed", ...record, ...by });
export const fail = (record: KeyedRecord, by: Within = {}): DeliveryEvent => ({ kind: "ended", outcome: "failed", ...record, ...by });
export const handle = (record: KeyedRecord, by: Within = {}): DeliveryEvent[] => [start(record, by), settle(record, by)];

/** Of a pipe with several stages. */
export const inStage = (stage: string, ...events: DeliveryEvent[]): DeliveryEvent[] => events.map((event) => ({ ...event, stage }) as DeliveryEvent);

export const assigned = (by: Within = {}, committed?: { readonly offset: number; readonly metadata: string }): DeliveryEvent => ({
  kind: "assigned",
  ...where,
  ...within,
  ...by,
  position: committed?.offset ?? 0,
  ...(committed === undefined ? {} : { committed }),
});
export const received = (records: readonly KeyedRecord[], by: Within = {}): DeliveryEvent => ({
  kind: "received",
  ...where,
  ...within,
  ...by,
  records,
});
export const revoking = (by: Within = {}): DeliveryEvent => ({ kind: "revoking", ...where, ...within, ...by });
export const fenced = (reason: FenceReason, by: Within = {}): DeliveryEvent => ({ kind: "fenced", reason, ...where, ...within, ...by });
export const crashed = (member = "m1"): DeliveryEvent => ({ kind: "crashed", member });
export const commit = (offset: number, by: Within & { readonly partition?: number; readonly metadata?: string } = {}): DeliveryEvent => ({
  kind: "committed",
  ...where,
  offset,
  ...by,
});
export const acknowledged = (offset: number, by: Within & { readonly metadata?: string } = {}): DeliveryEvent => ({
  kind: "acknowledged",
  ...where,
  offset,
  ...by,
});
export const committed = (offset: number, by: Within & { readonly metadata?: string } = {}): DeliveryEvent[] => [
  commit(offset, by),
  acknowledged(offset, by),
];
