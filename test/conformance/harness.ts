import type { Transport } from "@org/bus-core";

/** What the conformance suite needs of a transport under test. */
export interface ConformanceHarness {
  /** A new transport on the cluster of this harness, as another process would have it. The suite closes it. */
  transport(): Promise<Transport>;
  /** A topic name that nobody used on this cluster. */
  uniqueTopic(): string;
  close(): Promise<void>;
}
