import type { ConnectRecord } from "../record.js";

/**
 * A step between source and sink: pure but for what its name says (`enrich` looks something up). Gets a record and makes none, one or several of it,
 * which share its acknowledgement: its position is stored when all that came of it has been written. What it throws fails the record, as `failure` says.
 */
export interface Transform<In, Out> {
  /** For logs, metrics and dead letters: `filter`. */
  readonly name: string;
  /** Records at once, for transforms that wait; the order of a key is kept all the same. @default 1 */
  readonly concurrency?: number;
  apply(record: ConnectRecord<In>, signal: AbortSignal): readonly ConnectRecord<Out>[] | Promise<readonly ConnectRecord<Out>[]>;
}
