import type { Sink, Source } from "@org/bus-connect";
import type { JsonValue } from "@org/bus-core";

/*
 * What the module of a connector under test exports. It is imported by the test and by the processes that the suite starts and kills, so it must be one
 * that Node runs as it is: JavaScript, or TypeScript of which types need only be stripped, importing packages by their names.
 */

/** Of a source. */
export interface SourceModule {
  /** The source, for the place that `SourceHarness.settings` names. */
  createSource(settings: JsonValue): Source<unknown> | Promise<Source<unknown>>;
  /** The id that `SourceHarness.put` gave to a record, from the value that the source makes of it. */
  idOf(value: unknown): string;
}

/** Of a sink. */
export interface SinkModule {
  /** The sink, for the place that `SinkHarness.settings` names. */
  createSink(settings: JsonValue): Sink<unknown> | Promise<Sink<unknown>>;
  /** The value of the `index`-th record: what the sink takes, and `SinkHarness.read` finds again. */
  makeValue(index: number): unknown;
  /** A value that the system refuses for ever; without it the suite tries no poison. */
  poison?(): unknown;
}
