import type { Context } from "@opentelemetry/api";
import { BusError, type Transport } from "@org/bus-core";
import { activeTracer, extractContext } from "@org/bus-core/internal";
import { contractsOf } from "../define/contracts-of.js";
import { traceWrite } from "../telemetry/spans.js";
import type { TaskEnvironment } from "./environment.js";

/** The span and the metric around one write of a sink. */
export type TraceWrite = <T>(contexts: readonly Context[], write: (own?: Context) => Promise<T>) => Promise<T>;

export function writeTracing({ connector, stats }: Pick<TaskEnvironment, "connector" | "stats">): TraceWrite {
  const contracts = contractsOf(connector);
  return async (contexts, write) => {
    const from = performance.now();
    try {
      return await traceWrite({ sink: connector.sink.name, connector: connector.name, contracts }, contexts, write);
    } finally {
      stats.writeTook(performance.now() - from);
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
