import { metrics } from "@opentelemetry/api";
import {
  type ConnectorContext,
  type ConnectRecord,
  connectRecord,
  type Position,
  type Source,
  type SourceBatch,
  type SourceContext,
  type Split,
  type UnreadableRecord,
  type WriteContext,
} from "@org/bus-connect";
import { type Logger, systemClock } from "@org/bus-core";

export interface TestContext extends ConnectorContext {
  /** What was logged as a warning or an error. */
  readonly warnings: string[];
  stop(): void;
}

/** What the framework would give to a connector. */
export function connectorContext(overrides: Partial<ConnectorContext> = {}): TestContext {
  const stopping = new AbortController();
  const warnings: string[] = [];
  const warn = (_fields: object, message: string): void => {
    warnings.push(message);
  };
  const logger: Logger = { debug() {}, info() {}, warn, error: warn };
  return {
    connector: "test",
    signal: stopping.signal,
    logger,
    meter: metrics.getMeter("test"),
    clock: systemClock,
    warnings,
    stop: () => stopping.abort(),
    ...overrides,
  };
}

/** The same for one split. */
export function splitContext(id: string, position?: Position, overrides: Partial<ConnectorContext> = {}): SourceContext {
  return { ...connectorContext(overrides), split: { id }, position };
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

/** A source that is read by hand. */
export interface Reading<T> extends AsyncDisposable {
  readonly context: TestContext;
  /** The next batch; fails with what the source throws. Undefined: it has ended. */
  next(): Promise<SourceBatch<T> | undefined>;
  /** As the framework stops a task: the signal, the release of what is open, the end of the iterator. */
  stop(): Promise<void>;
}

/** Reads one split, the first where none is given. */
export async function startReading<T>(source: Source<T>, { split, position }: { split?: Split; position?: Position } = {}): Promise<Reading<T>> {
  const context = connectorContext();
  const chosen = split ?? (await source.splits?.(context))?.[0] ?? { id: "0" };
  const sourceContext: SourceContext = { ...context, split: chosen, position };
  const iterator = source.read(sourceContext)[Symbol.asyncIterator]();
  const open = new Set<SourceBatch<T>>();
  const stop = async (): Promise<void> => {
    context.stop();
    for (const batch of open) await batch.release?.(new Error("the task stops"));
    await iterator.return?.();
  };
  return {
    context,
    async next() {
      const { done, value } = await iterator.next();
      if (done) return undefined;
      open.add(value);
      const settling = (settle: (() => void | Promise<void>) | undefined) => () => {
        open.delete(value);
        return settle?.();
      };
      return { ...value, acknowledge: settling(value.acknowledge?.bind(value)), release: settling(() => value.release?.(new Error("not written"))) };
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A record as a source would make it. */
export function recordOf<T>(value: T, more: Partial<ConnectRecord<T>> = {}): ConnectRecord<T> {
  return connectRecord({ value, id: "1", ...more });
}

/** A record that was read from a topic. */
export function topicRecord<T>(value: T, offset: number, timestamp?: number, partition = 0): ConnectRecord<T> {
  return connectRecord({ value, id: `orders[${partition}]@${offset}`, timestamp, origin: { topic: "orders", partition, offset } });
}

/** For a first try that may take as long as it takes. */
export const writeContext = (signal: AbortSignal = new AbortController().signal): WriteContext => ({ signal, attempt: 1 });
