import { type KeyedRecord, positionId } from "./event.js";

/** Published records by some group, and for each group the lowest one that is not settled yet. */
export class Frontiers {
  readonly #groupOf: (record: KeyedRecord) => string | undefined;
  readonly #records = new Map<string, KeyedRecord[]>();
  readonly #lowest = new Map<string, number>();
  readonly #settled = new Set<string>();

  /** @param groupOf undefined leaves a record out */
  constructor(published: Iterable<KeyedRecord>, groupOf: (record: KeyedRecord) => string | undefined) {
    this.#groupOf = groupOf;
    for (const record of published) {
      const group = groupOf(record);
      if (group === undefined) continue;
      const records = this.#records.get(group);
      if (records === undefined) this.#records.set(group, [record]);
      else records.push(record);
    }
    for (const records of this.#records.values()) records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }

  settle(record: KeyedRecord): void {
    if (this.#groupOf(record) !== undefined) this.#settled.add(positionId(record));
  }

  /** The lowest record of the group that is not settled; undefined when all are. */
  lowestUnsettled(group: string): KeyedRecord | undefined {
    const records = this.#records.get(group) ?? [];
    let index = this.#lowest.get(group) ?? 0;
    let record = records[index];
    while (record !== undefined && this.#settled.has(positionId(record))) {
      index += 1;
      record = records[index];
    }
    this.#lowest.set(group, index);
    return record;
  }
}
