import { metrics, ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConnectorContext, ConnectRecord, Position, Source, SourceBatch, SourceContext, Split, WriteContext } from "@org/bus-connect";
import { type Logger, systemClock } from "@org/bus-core";

export interface TestContext extends ConnectorContext {
  /** What was logged as a warning or an error. */
  readonly warnings: string[];
  stop(): void;
}

/** What the framework would give to a connector. */
export function connectorContext(connector = "test"): TestContext {
  const stopping = new AbortController();
  const warnings: string[] = [];
  const warn = (_fields: object, message: string): void => {
    warnings.push(message);
  };
  const logger: Logger = { debug() {}, info() {}, warn, error: warn };
  return {
    connector,
    signal: stopping.signal,
    logger,
    meter: metrics.getMeter("test"),
    clock: systemClock,
    warnings,
    stop: () => stopping.abort(),
  };
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
  return { value, id: "1", key: null, timestamp: undefined, headers: {}, context: ROOT_CONTEXT, ...more };
}

/** For a first try that may take as long as it takes. */
export const writeContext = (signal: AbortSignal = new AbortController().signal): WriteContext => ({ signal, attempt: 1 });
