import type { JsonValue } from "@org/bus-core";

/** A place in the real system, empty and used by nobody else, and how to break it. Made anew for each test. */
export interface Harness {
  /** What the module needs to find the place. */
  readonly settings: JsonValue;
  /** Takes the system away, or the way to it, until `startSystem`. Without it the suite tries no outage. */
  stopSystem?(): Promise<void>;
  startSystem?(): Promise<void>;
  /** Removes the place. */
  close(): Promise<void>;
}

/** Of a source. */
export interface SourceHarness extends Harness {
  /** Puts records into the system, in this order; resolves when they are there. `key` is what keeps order; null: nothing does. */
  put(records: readonly { readonly id: string; readonly key: string }[]): Promise<void>;
  /** Puts something that the source cannot read, or what makes no record. Without it the suite tries no poison. */
  putPoison?(): Promise<void>;
}

/** Of a sink. */
export interface SinkHarness extends Harness {
  /** The indexes of all records that are in the system now, as often as they are there. */
  read(): Promise<readonly number[]>;
}
