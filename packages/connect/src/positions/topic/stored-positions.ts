import { BusError, type IncomingRecord } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import type { SplitPosition } from "../../task/split/split-log.js";
import { storedPosition } from "../stored-position.js";

const decoder = new TextDecoder();
const splitPrefix = "split/";

/** The key of the records that store the positions of a split. */
export const splitKey = (split: string): string => `${splitPrefix}${split}`;

/** What the records of a positions topic say of splits, the last of each. */
export class StoredPositions {
  private readonly positions = new Map<string, SplitPosition>();
  /** Of splits whose last record holds no position. */
  private readonly unreadable = new Map<string, BusError>();

  constructor(private readonly connector: string) {}

  apply({ topic, partition, offset, key, value }: IncomingRecord): void {
    const name = key === null ? "" : decoder.decode(key);
    if (!name.startsWith(splitPrefix)) return;
    const split = name.slice(splitPrefix.length);
    this.delete(split);
    if (value === null) return;
    try {
      this.positions.set(split, storedPosition.parse(JSON.parse(decoder.decode(value))));
    } catch (cause) {
      const where = `${topic}[${partition}]@${offset}`;
      const text = `the stored position of split ${split} cannot be read (${where}): ${messageOf(cause)}; stop ${this.connector} and store another: bus connect positions ${this.connector} --set '${split}=JSON'`;
      this.unreadable.set(split, new BusError("malformed_message", text, { cause, details: { topic, partition, offset } }));
    }
  }

  /** @throws {BusError} `malformed_message` for one that cannot be read */
  get(split: string): SplitPosition | undefined {
    const error = this.unreadable.get(split);
    if (error !== undefined) throw error;
    return this.positions.get(split);
  }

  set(split: string, position: SplitPosition): void {
    this.delete(split);
    this.positions.set(split, position);
  }

  delete(split: string): void {
    this.positions.delete(split);
    this.unreadable.delete(split);
  }

  /** @throws {BusError} `malformed_message` when one of them cannot be read */
  all(): ReadonlyMap<string, SplitPosition> {
    for (const error of this.unreadable.values()) throw error;
    return this.positions;
  }
}
