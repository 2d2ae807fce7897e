import type { AssignedPartition, BusError, PartitionEpoch, RecordBatch, TopicPartition } from "@org/bus-core";

/** What a consumer's listener was told, in order. `ready` is when `assigned` has resolved, `released` when `revoked` has. */
export type ListenerEvent =
  | { readonly kind: "assigned" | "ready"; readonly partitions: readonly AssignedPartition[] }
  | { readonly kind: "records"; readonly batch: RecordBatch }
  | { readonly kind: "revoked" | "released" | "lost"; readonly partitions: readonly PartitionEpoch[] }
  | { readonly kind: "stopped"; readonly error: BusError }
  | { readonly kind: "closed" };

interface Owned {
  readonly epoch: number;
  ready: boolean;
  nextOffset: number;
}

export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}[${partition}]`;

export interface HistoryOptions {
  /** The offsets of the topics have gaps, as those of transactions do. @default false */
  readonly gaps?: boolean;
}

/** Everything in a listener's history that breaks the contract of `ConsumerListener`; empty when nothing does. */
export function faultsOf(history: readonly ListenerEvent[], { gaps = false }: HistoryOptions = {}): string[] {
  const faults: string[] = [];
  const owned = new Map<string, Owned>();
  let lastEpoch = Number.NEGATIVE_INFINITY;
  let ended: string | undefined;

  for (const event of history) {
    // a callback that was running when close was called may end after it
    if (ended !== undefined && event.kind !== "ready" && event.kind !== "released")
      faults.push(`${event.kind} was called after the consumer had ${ended}`);
    if ("partitions" in event && event.partitions.length === 0) faults.push(`${event.kind} came with no partition`);
    switch (event.kind) {
      case "assigned":
        for (const { epoch } of event.partitions) if (epoch <= lastEpoch) faults.push(`assigned came with epoch ${epoch} after epoch ${lastEpoch}`);
        lastEpoch = Math.max(lastEpoch, ...event.partitions.map(({ epoch }) => epoch));
        faults.push(...takeOver(owned, event.partitions));
        break;
      case "ready":
        for (const assigned of event.partitions) {
          const current = owned.get(nameOf(assigned));
          if (current?.epoch === assigned.epoch) current.ready = true;
        }
        break;
      case "records":
        faults.push(...faultsOfBatch(event.batch, owned.get(nameOf(event.batch)), gaps));
        break;
      case "revoked":
      case "lost":
        for (const taken of event.partitions) {
          const current = owned.get(nameOf(taken));
          if (current?.epoch !== taken.epoch)
            faults.push(`${event.kind} named ${nameOf(taken)} in epoch ${taken.epoch}, which the consumer did not own`);
          owned.delete(nameOf(taken));
        }
        break;
      case "released":
        break;
      case "stopped":
      case "closed":
        ended = event.kind;
        break;
    }
  }
  return faults;
}

function takeOver(owned: Map<string, Owned>, partitions: readonly AssignedPartition[]): string[] {
  const faults: string[] = [];
  for (const assigned of partitions) {
    const before = owned.get(nameOf(assigned));
    if (before !== undefined) faults.push(`${nameOf(assigned)} was assigned in epoch ${assigned.epoch} while epoch ${before.epoch} had not ended`);
    owned.set(nameOf(assigned), { epoch: assigned.epoch, ready: false, nextOffset: assigned.position });
  }
  return faults;
}

function faultsOfBatch(batch: RecordBatch, owned: Owned | undefined, gaps: boolean): string[] {
  const where = `${nameOf(batch)} in epoch ${batch.epoch}`;
  if (owned?.epoch !== batch.epoch) return [`records of ${where} came, which the consumer did not own`];
  const faults: string[] = [];
  if (!owned.ready) faults.push(`records of ${where} came before assigned had resolved`);
  if (batch.records.length === 0) faults.push(`an empty batch of ${where} came`);
  for (const record of batch.records) {
    if (nameOf(record) !== nameOf(batch)) faults.push(`a batch of ${where} holds a record of ${nameOf(record)}`);
    if (gaps ? record.offset < owned.nextOffset : record.offset !== owned.nextOffset)
      faults.push(`offset ${record.offset} of ${where} came where ${owned.nextOffset} was next`);
    owned.nextOffset = record.offset + 1;
  }
  if (batch.logEnd < owned.nextOffset) faults.push(`a batch of ${where} ends at ${owned.nextOffset}, beyond its logEnd ${batch.logEnd}`);
  return faults;
}
