import { BusError } from "../errors.js";
import { Leftovers } from "./run/leftovers.js";

interface Entry {
  readonly group: string;
  readonly topics: string;
  close(): Promise<void>;
}

/** The consumptions that are open on one bus. @internal */
export class OpenConsumptions {
  private readonly entries = new Set<Entry>();
  private readonly leftovers = new Map<string, Leftovers>();
  private readonly closeListeners: (() => void)[] = [];
  private closed = false;

  /**
   * @returns what takes it out again
   * @throws {BusError} `closed`; `invalid_options` when the group reads other topics already: its members would get partitions that they cannot
   * read
   */
  add(group: string, topics: readonly string[], close: () => Promise<void>): () => void {
    if (this.closed) throw new BusError("closed", `group ${group} cannot consume: the bus is closed`);
    const entry: Entry = { group, topics: topics.toSorted().join(", "), close };
    for (const other of this.entries) {
      if (other.group === group && other.topics !== entry.topics) {
        throw new BusError(
          "invalid_options",
          `group ${group} already consumes ${other.topics} in this process and cannot also consume ${entry.topics}; ` +
            "give each its own group, or consume all contracts in one stream",
          { details: { group } },
        );
      }
    }
    this.entries.add(entry);
    return () => this.entries.delete(entry);
  }

  /** The keys on which ended runs of `group` still work, also those of consumptions that were closed. */
  leftoversOf(group: string): Leftovers {
    const leftovers = this.leftovers.get(group) ?? new Leftovers();
    this.leftovers.set(group, leftovers);
    return leftovers;
  }

  /** Calls back when all are closed, the bus with them. */
  onClosed(callback: () => void): void {
    this.closeListeners.push(callback);
  }

  /** Closes all of them and takes no more. Rejects with the first fault, after all have ended. */
  async closeAll(): Promise<void> {
    this.closed = true;
    const results = await Promise.allSettled([...this.entries].map((entry) => entry.close()));
    for (const callback of this.closeListeners.splice(0)) callback();
    const failed = results.find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  }
}
