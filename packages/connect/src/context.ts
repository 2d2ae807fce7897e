import type { Meter } from "@opentelemetry/api";
import type { Clock, Logger } from "@org/bus-core";

/** What the framework gives to a source or a sink when it opens it. */
export interface ConnectorContext {
  /** Of the connector. */
  readonly connector: string;
  /** Fires when the task stops, is restarted or loses its split: end soon, what is unfinished comes again. */
  readonly signal: AbortSignal;
  /** Says the connector and the task in every line. */
  readonly logger: Logger;
  /** For metrics of its own; those of the framework are there without it. */
  readonly meter: Meter;
  /** Time, so that tests can be faster than it. */
  readonly clock: Clock;
}
