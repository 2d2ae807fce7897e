import type { JsonValue } from "@org/bus-core";

/** Where a process kills itself: after the first `after` times that it got there. */
export const stages = ["read", "before write", "after write", "before flush", "before position", "after position", "acknowledged"] as const;
export type Stage = (typeof stages)[number];

/** What a process of the suite is to do. */
export interface Job {
  readonly kind: "source" | "sink";
  /** URL of the module under test. */
  readonly module: string;
  readonly settings: JsonValue;
  /** Path of the file of positions. */
  readonly positions: string;
  /** Path of the file of events. */
  readonly journal: string;
  /** For sinks: how many records there are. */
  readonly records: number;
  readonly strike: { readonly stage: Stage; readonly after: number } | undefined;
  /** Slows the sink down and reports what is in flight. */
  readonly pressure: { readonly maxInFlight: number; readonly recordMs: number } | undefined;
}

/** What a process under pressure reports, by IPC. */
export interface PressureSample {
  readonly inFlight: number;
  readonly read: number;
  readonly written: number;
  readonly largestBatch: number;
  readonly heapBytes: number;
}
