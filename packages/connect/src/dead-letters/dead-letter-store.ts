import type { OutgoingRecord } from "@org/bus-core";

/** Where dead letters of sources that are no topics go, where that is no topic. */
export interface DeadLetterStore {
  /** Resolves when it would survive a crash. One may come again after a crash. */
  add(letter: OutgoingRecord): Promise<void>;
}
