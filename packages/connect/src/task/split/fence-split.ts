import type { Transport } from "@org/bus-core";

/** By which the transactions of a split are told from those of others, whoever owns it. */
export const splitTransactionalId = (connector: string, split: string): string => `${connector}.${split}`;

/** Of a producer that writes nothing. */
const timeoutMs = 10_000;

/** Fences earlier owners of the split, and aborts what they have left open. */
export async function fenceSplit(transport: Transport, connector: string, split: string): Promise<void> {
  const transactionalId = splitTransactionalId(connector, split);
  await (await transport.createTransactionalProducer?.({ transactionalId, transactionTimeoutMs: timeoutMs }))?.close();
}
