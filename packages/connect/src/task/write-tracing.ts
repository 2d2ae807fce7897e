import { type Context, context } from "@opentelemetry/api";
import { BusError, type Transport } from "@org/bus-core";
import { activeTracer, extractContext } from "@org/bus-core/internal";
import { contractsOf } from "../define/contracts-of.js";
import { connectInstruments } from "../telemetry/connect-instruments.js";
import { startWriteSpan } from "../telemetry/spans.js";
import type { TaskEnvironment } from "./environment.js";

/** The span and the metric around one write of a sink. */
export type TraceWrite = <T>(contexts: readonly Context[], write: () => Promise<T>) => Promise<T>;

/** The same for a write that calls back; undefined where nobody wants to know of it. */
export type StartWrite = (contexts: () => readonly Context[]) => StartedWrite | undefined;

export interface StartedWrite {
  /** In which it writes; undefined: in that of each record. */
  readonly context: Context | undefined;
  end(error?: unknown): void;
}

export function startWriting({ connector, stats }: Pick<TaskEnvironment, "connector" | "stats">): StartWrite {
  const info = { sink: connector.sink.name, connector: connector.name, contracts: contractsOf(connector) };
  return (contexts) => {
    if (activeTracer() === undefined && connectInstruments() === undefined) return undefined;
    const from = performance.now();
    const span = startWriteSpan(info, contexts());
    return {
      context: span?.context,
      end(error) {
        span?.end(error);
        stats.writeTook(performance.now() - from);
      },
    };
  };
}

export function writeTracing(environment: Pick<TaskEnvironment, "connector" | "stats">): TraceWrite {
  const start = startWriting(environment);
  return async (contexts, write) => {
    const started = start(() => contexts);
    try {
      const written = await (started?.context === undefined ? write() : context.with(started.context, write));
      started?.end();
      return written;
    } catch (error) {
      started?.end(error);
      throw error;
    }
  };
}

/** The bus, to which each transaction is a write: of the messages in it, by the spans that their headers name. */
export function withTracedTransactions(bus: Transport, trace: TraceWrite): Transport {
  return {
    name: bus.name,
    features: bus.features,
    admin: bus.admin,
    createProducer: () => bus.createProducer(),
    createConsumer: (options) => bus.createConsumer(options),
    close: () => bus.close(),
    async createTransactionalProducer(options) {
      const producer = await bus.createTransactionalProducer?.(options);
      if (producer === undefined) throw new BusError("unsupported", `exactlyOnce needs transactions, and transport ${bus.name} has none`);
      return {
        commit(transaction, committing) {
          const commit = () => producer.commit(transaction, committing);
          if (transaction.records.length === 0) return commit();
          return trace(activeTracer() === undefined ? [] : transaction.records.map(({ headers }) => extractContext(headers)), commit);
        },
        close: () => producer.close(),
      };
    },
  };
}
