import { type AnyContract, type Bus, type Clock, createBus, type Logger, type MemoryTransport, memory } from "@org/bus-core";

export interface TestBus extends Bus {
  readonly transport: MemoryTransport;
  /** What was logged as warning or error. */
  readonly lines: { readonly level: string; readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
}

/** A bus in memory, with the topics of `contracts`. */
export function testBus(contracts: readonly AnyContract[] = [], transport: MemoryTransport = memory(), clock?: Clock): TestBus {
  for (const { topic } of contracts) if (topic !== undefined) transport.broker.createTopic(topic);
  const lines: TestBus["lines"] = [];
  const log = (level: string) => (fields: object, message: string) => void lines.push({ level, message, fields: { ...fields } });
  const logger: Logger = { debug() {}, info() {}, warn: log("warn"), error: log("error") };
  return Object.assign(createBus({ service: "test", transport, logger, ...(clock && { clock }) }), { transport, lines });
}
