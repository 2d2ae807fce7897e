import { type Context, ROOT_CONTEXT } from "@opentelemetry/api";
import type { AnyContract, RecordHeaders } from "@org/bus-core";

/** Where a record lay on the bus, for sinks that name what they write by it, so that a repeat overwrites itself. */
export interface TopicOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** One message on its way from a source to a sink. Transforms make new ones from it (`{ ...record, value }`) and never change it. */
export interface ConnectRecord<T> {
  readonly value: T;
  /**
   * Who it is in its source, the same at every repeat: an outbox id, `orders[3]@17`, `flights.csv:812`. Idempotent sinks write by it. One that a
   * transform makes several of gives them ids of their own (`flatten` appends `#0`, `#1` …).
   */
  readonly id: string;
  /** What keeps its order; null: nothing does. A contract with a key field decides for itself when it is published. */
  readonly key: string | Uint8Array | null;
  /** When it happened, in ms since the epoch; undefined where the source does not know. */
  readonly timestamp: number | undefined;
  readonly headers: RecordHeaders;
  /** The trace and baggage that it came with: of the row's writer, of the request, of the record on the bus. */
  readonly context: Context;
  /** Its contract, where one is known: of the topic that it was read from, or that `route` chose. */
  readonly contract?: AnyContract;
  /** Set where it came from a topic. */
  readonly origin?: TopicOrigin;
}

/** A record of which no more is known than `fields` say: else it has no key, no time, no headers, and a trace of its own. */
export function connectRecord<T>(fields: Pick<ConnectRecord<T>, "value" | "id"> & Partial<ConnectRecord<T>>): ConnectRecord<T> {
  return { key: null, timestamp: undefined, headers: {}, context: ROOT_CONTEXT, ...fields };
}
