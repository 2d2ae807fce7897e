import type { SinkHarness, SourceHarness } from "./harness.js";

/** What `connectorSuite` is to try, and on what. */
export interface ConnectorSuiteOptions {
  /** The module of the connector: a `SourceModule`, or a `SinkModule`. */
  readonly module: URL;
  /** For a source: a place to read from. */
  readonly source?: () => Promise<SourceHarness>;
  /** For a sink: a place to write to. */
  readonly sink?: () => Promise<SinkHarness>;
  /** Whether records of one key come in the order in which they were put; not of a queue that gives them to many. @default true */
  readonly ordered?: boolean;
  /** Whether a record that is written again overwrites itself, so that `SinkHarness.read` finds it once. @default false */
  readonly idempotent?: boolean;
  /** How long the system is taken away, in ms. @default 500; 30_000 where `BUS_SOAK` is set */
  readonly outageMs?: number;
  /** How long anything may take that is waited for, in ms. @default 30_000 */
  readonly timeoutMs?: number;
  /** Flags of Node for the processes that are started: `["--import", "./hooks.mjs"]`. */
  readonly execArgv?: readonly string[];
}

export type ResolvedSuite = ReturnType<typeof resolveSuite>;

export function resolveSuite(options: ConnectorSuiteOptions) {
  const isLong = process.env.BUS_SOAK !== undefined && process.env.BUS_SOAK !== "";
  return {
    ordered: true,
    idempotent: false,
    outageMs: isLong ? 30_000 : 500,
    timeoutMs: 30_000,
    execArgv: [],
    ...options,
    /** Of one test: several waits. */
    testTimeoutMs: (options.timeoutMs ?? 30_000) * 4 + (options.outageMs ?? (isLong ? 30_000 : 500)),
  };
}
