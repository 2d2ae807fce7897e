import { BusError, type IncomingRecord } from "@org/bus-core";
import type { Split } from "../../source/source.js";
import type { SplitPosition } from "../../task/split/split-log.js";
import { StoredPositions, splitKey } from "./stored-positions.js";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

const donePrefix = "done/";
const BARRIER = "barrier";

/** What a record of the topic says. */
export const slotRecord = {
  position: (split: string, position: SplitPosition) => ({
    key: encoder.encode(splitKey(split)),
    value: encoder.encode(JSON.stringify(position)),
  }),
  cleared: (split: string) => ({ key: encoder.encode(splitKey(split)), value: null }),
  barrier: (id: string) => ({ key: encoder.encode(BARRIER), value: encoder.encode(id) }),
  /** By the partition that the splits belong to: whoever owns it speaks of them, and nobody's word is lost when partitions change hands. */
  done: (partition: number, splits: readonly Split[]) => ({
    key: encoder.encode(`${donePrefix}${partition}`),
    value: encoder.encode(JSON.stringify(splits.map(doneText))),
  }),
};

/** A split that has changed since is another one. */
const doneText = ({ id, settings }: Split): string => JSON.stringify([id, settings ?? null]);

/**
 * One partition of the topic while it is ours: what was stored in it. It is read from its beginning, and up to a barrier: a record that this process writes
 * and then waits for. What comes before it was written before, transactions included.
 */
export class Slot {
  readonly positions: StoredPositions;
  /** Read up to a first barrier, or for as long as that was worth waiting for; who needs a position waits for a barrier of its own. */
  isReady = false;
  /** The splits that were told to be done, of each partition: their owners tell it to all partitions. */
  private readonly done = new Map<number, ReadonlySet<string>>();
  private readonly barriers = new Map<string, { resolve(): void; reject(error: BusError): void }>();
  private over: BusError | undefined;

  constructor(
    readonly partition: number,
    readonly epoch: number,
    connector: string,
    /** What was told to be done before, in ms since the epoch, is of an earlier run: its splits may hold more since. */
    private readonly since: number,
  ) {
    this.positions = new StoredPositions(connector);
  }

  /** @returns whether other splits are done now */
  apply(record: IncomingRecord): boolean {
    const { key, value, timestamp } = record;
    const name = key === null ? "" : decoder.decode(key);
    const text = value === null ? undefined : decoder.decode(value);
    this.positions.apply(record);
    if (name === BARRIER && text !== undefined) this.barriers.get(text)?.resolve();
    if (!name.startsWith(donePrefix) || text === undefined || timestamp < this.since) return false;
    this.done.set(Number(name.slice(donePrefix.length)), splitsIn(text));
    return true;
  }

  /** Whether it was told that all of these splits of this partition are done. */
  hasTold(splits: readonly Split[]): boolean {
    return splits.every((split) => this.isDone(this.partition, split));
  }

  tells(splits: readonly Split[]): void {
    this.done.set(this.partition, new Set(splits.map(doneText)));
  }

  /** @param partition that of the split */
  isDone(partition: number, split: Split): boolean {
    return this.done.get(partition)?.has(doneText(split)) === true;
  }

  /** Resolves when the barrier `id` has been read; rejects when the partition moves away before. */
  async awaits(id: string): Promise<void> {
    if (this.over !== undefined) throw this.over;
    try {
      await new Promise<void>((resolve, reject) => this.barriers.set(id, { resolve, reject }));
    } finally {
      this.barriers.delete(id);
    }
  }

  end(): void {
    this.isReady = false;
    this.over = new BusError("fenced", "the split has moved to another process", { retryable: true });
    for (const barrier of this.barriers.values()) barrier.reject(this.over);
  }
}

/** None where it was not us who wrote it: then a split is read on, which finds that it is done. */
function splitsIn(text: string): ReadonlySet<string> {
  try {
    const splits: unknown = JSON.parse(text);
    return new Set(Array.isArray(splits) ? splits : []);
  } catch {
    return new Set();
  }
}
