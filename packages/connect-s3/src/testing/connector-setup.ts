import { metrics, ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConnectorContext, ConnectRecord, Position, Source, SourceBatch, SourceContext, UnreadableRecord } from "@org/bus-connect";
import { systemClock } from "@org/bus-core";

/** Warnings that were logged. */
export interface Setup {
  readonly context: ConnectorContext;
  readonly warnings: string[];
}

export function setup(overrides: Partial<ConnectorContext> = {}): Setup {
  const warnings: string[] = [];
  const warn = (_: object, message: string) => {
    warnings.push(message);
  };
  return {
    warnings,
    context: {
      connector: "test",
      signal: new AbortController().signal,
      logger: { debug() {}, info() {}, warn, error: warn },
      meter: metrics.getMeter("test"),
      clock: systemClock,
      ...overrides,
    },
  };
}

/** The context of one split. */
export function splitContext(id: string, position?: Position, overrides: Partial<ConnectorContext> = {}): SourceContext {
  return { ...setup(overrides).context, split: { id }, position };
}

/** What a split has from a position on. */
export interface ReadSplit<T> {
  readonly records: ConnectRecord<T>[];
  readonly unreadable: UnreadableRecord[];
  readonly batches: SourceBatch<T>[];
}

/** Reads a split to its end, or until `limit` batches. */
export async function readSplit<T>(source: Source<T>, id: string, position?: Position, limit = Infinity): Promise<ReadSplit<T>> {
  const batches: SourceBatch<T>[] = [];
  for await (const batch of source.read(splitContext(id, position))) {
    batches.push(batch);
    if (batches.length === limit) break;
  }
  return { batches, records: batches.flatMap(({ records }) => records), unreadable: batches.flatMap(({ unreadable = [] }) => unreadable) };
}

/** A record of a topic. */
export function topicRecord<T>(value: T, offset: number, timestamp?: number, partition = 0): ConnectRecord<T> {
  const origin = { topic: "orders", partition, offset };
  return { value, id: `orders[${partition}]@${offset}`, key: null, timestamp, headers: {}, context: ROOT_CONTEXT, origin };
}
