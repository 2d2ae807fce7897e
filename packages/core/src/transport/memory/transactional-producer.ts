import { BusError } from "../../errors.js";
import type { Transaction, TransactionalProducer, TransactionalProducerOptions } from "../transport.js";
import type { MemoryFault, TransactionStep } from "./faults.js";
import { logFor } from "./log-for.js";
import type { MemoryConnection } from "./network.js";
import type { ProducerEpoch } from "./transactions.js";

/** Writes transactions to a broker in memory. */
export class MemoryTransactionalProducer implements TransactionalProducer {
  readonly #connection: MemoryConnection;
  readonly #options: TransactionalProducerOptions;
  readonly #producer: ProducerEpoch;
  readonly #onClosed: () => void;
  #committing: Promise<void> | undefined;
  #closed = false;

  private constructor(connection: MemoryConnection, options: TransactionalProducerOptions, producer: ProducerEpoch, onClosed: () => void) {
    this.#connection = connection;
    this.#options = options;
    this.#producer = producer;
    this.#onClosed = onClosed;
  }

  static async connect(
    connection: MemoryConnection,
    options: TransactionalProducerOptions,
    onClosed: () => void,
  ): Promise<MemoryTransactionalProducer> {
    const { broker, network, faults } = connection;
    const { transactionalId } = options;
    const producer = await network.call(
      "init a transactional producer",
      "transport_failed",
      faults.transaction?.({ transactionalId, step: "init" }),
      () => broker.transactions.init(transactionalId),
    );
    return new MemoryTransactionalProducer(connection, options, producer, onClosed);
  }

  async commit(transaction: Transaction, { timeoutMs }: { readonly timeoutMs: number }): Promise<void> {
    if (this.#closed) throw new BusError("closed", "the producer is closed");
    if (this.#committing !== undefined)
      throw new BusError("publish_failed", "commit was called while another one was out: wait until it has resolved");
    const committing = this.#commit(transaction, timeoutMs);
    this.#committing = committing;
    try {
      await committing;
    } finally {
      this.#committing = undefined;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#committing?.catch(() => {});
    this.#onClosed();
  }

  async #commit({ records, group, offsets }: Transaction, timeoutMs: number): Promise<void> {
    const { broker, network } = this.#connection;
    const { transactions } = broker;
    try {
      if (records.length > 0) {
        await this.#step("write", timeoutMs, () =>
          transactions.write(
            this.#producer,
            records.map((record) => ({ record, log: logFor(broker, record) })),
            this.#options.transactionTimeoutMs,
          ),
        ).catch((error: unknown) => {
          throw notWritten(error);
        });
      }
      await this.#step("commit", timeoutMs, () =>
        transactions.commit(this.#producer, offsets, (all) => broker.group(group).commitInTransaction(all)),
      );
    } catch (error) {
      const failure = BusError.from(error, "publish_failed");
      if (!failure.mayHaveBeenWritten) await network.call("abort", "transport_failed", undefined, () => transactions.abort(this.#producer));
      throw failure;
    }
  }

  async #step(step: TransactionStep, timeoutMs: number, act: () => void): Promise<void> {
    const { network, faults } = this.#connection;
    const { transactionalId } = this.#options;
    const fault: MemoryFault | undefined = faults.transaction?.({ transactionalId, step });
    if (fault?.delayMs !== undefined && fault.delayMs > timeoutMs) {
      await network.travel(timeoutMs);
      throw new BusError("publish_failed", `${step} of a transaction was not answered within timeoutMs ${timeoutMs}`, {
        retryable: true,
        mayHaveBeenWritten: true,
      });
    }
    await network.call(`${step} of a transaction`, "publish_failed", fault, act);
  }
}

/** Records of a transaction that was not committed are in the log, and never seen. */
function notWritten(error: unknown): BusError {
  const { code, message, retryable, details } = BusError.from(error, "publish_failed");
  return new BusError(code, message, { cause: error, retryable, details });
}
