import { type KeyedRecord, partitionId, positionId, type RecordPosition } from "../event.js";

/** Records by some unit (a key, a partition), and for each unit the lowest one that is not done with yet. */
export class Progress {
  readonly #unitOf: (record: KeyedRecord) => string | undefined;
  readonly #ofUnit = new Map<string, KeyedRecord[]>();
  readonly #ofPartition = new Map<string, KeyedRecord[]>();
  /** By unit, how many of its records are known to be done with. */
  readonly #passed = new Map<string, number>();
  readonly #done = new Set<string>();

  /** @param unitOf undefined leaves a record out */
  constructor(records: Iterable<KeyedRecord>, unitOf: (record: KeyedRecord) => string | undefined) {
    this.#unitOf = unitOf;
    for (const record of records) {
      const unit = unitOf(record);
      if (unit === undefined) continue;
      push(this.#ofUnit, unit, record);
      push(this.#ofPartition, partitionId(record), record);
    }
    for (const list of this.#ofUnit.values()) list.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  done(record: RecordPosition): void {
    this.#done.add(positionId(record));
  }

  isDone(record: RecordPosition): boolean {
    return this.#done.has(positionId(record));
  }

  /** Nobody can handle any more what lies below `offset`. */
  deleted(from: RecordPosition): void {
    for (const record of this.#ofPartition.get(partitionId(from)) ?? []) if (record.offset < from.offset) this.done(record);
  }

  /** The lowest record of the unit that is not done with; undefined when all are. */
  lowest(unit: string): KeyedRecord | undefined {
    const records = this.#ofUnit.get(unit) ?? [];
    let index = this.#passed.get(unit) ?? 0;
    let record = records[index];
    while (record !== undefined && this.isDone(record)) {
      index += 1;
      record = records[index];
    }
    this.#passed.set(unit, index);
    return record;
  }

  /** The lowest record of the unit that `record` may not overtake. */
  before(record: KeyedRecord): KeyedRecord | undefined {
    const unit = this.#unitOf(record);
    const lowest = unit === undefined ? undefined : this.lowest(unit);
    return lowest !== undefined && lowest.offset < record.offset ? lowest : undefined;
  }
}

/** Adds `item` to the list of `key`. */
export function push<K, T>(lists: Map<K, T[]>, key: K, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
