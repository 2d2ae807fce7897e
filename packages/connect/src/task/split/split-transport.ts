import { BusError, type Transaction, type TransactionalProducer, type TransactionalProducerOptions, type Transport } from "@org/bus-core";
import type { DeadLetterStore } from "../../dead-letters/dead-letter-store.js";
import { CarriedRecord } from "./carried-record.js";
import { splitTransactionalId } from "./fence-split.js";
import { SplitConsumer, type SplitConsumerInput } from "./split-consumer.js";
import { deadLetterOf } from "./split-dead-letter.js";
import type { SplitPosition } from "./split-log.js";

export interface SplitTransportInput {
  readonly consumer: SplitConsumerInput;
  /** That of the bus, where records and positions are written in transactions. */
  readonly bus: Transport;
  readonly deadLetterTopic: string;
  /** Where dead letters go, if not to the topic. */
  readonly deadLetters: DeadLetterStore | undefined;
  readonly split: string;
  /** A dead letter has been committed. */
  onDeadLetter(): void;
  /** The record that stores a position. */
  positionRecord(position: SplitPosition): Transaction["records"][number] | undefined;
}

/**
 * A source as the engine sees it: a transport with one partition, the split. Its offsets are stored as positions of the source; a transaction of the engine
 * becomes one of the bus, in which the offsets of the group are replaced by the record of the position.
 */
export class SplitTransport implements Transport {
  readonly name: string;
  readonly features: Transport["features"];
  readonly admin: Transport["admin"];
  /** That of the run that is open. */
  consumer: SplitConsumer | undefined;

  constructor(private readonly input: SplitTransportInput) {
    this.name = input.consumer.source.name;
    this.features = { awaitableRevoke: true, transactions: input.bus.features.transactions, staticMembership: false, incrementalRebalance: true };
    this.admin = {
      describeTopics: async () => new Map(),
      createTopics: refuse,
      addPartitions: refuse,
      deleteTopics: refuse,
      offsets: async () => [],
      committed: async () => {
        const found = await input.consumer.load();
        return found === undefined ? [] : [{ topic: input.consumer.connector, partition: 0, offset: found.offset, metadata: "" }];
      },
    };
  }

  createConsumer(): SplitConsumer {
    this.consumer = new SplitConsumer(this.input.consumer);
    return this.consumer;
  }

  createProducer(): Promise<never> {
    return refuse();
  }

  async createTransactionalProducer({ transactionTimeoutMs }: TransactionalProducerOptions): Promise<TransactionalProducer> {
    const { bus, consumer, split } = this.input;
    const transactionalId = splitTransactionalId(consumer.connector, split);
    const producer = await bus.createTransactionalProducer?.({ transactionalId, transactionTimeoutMs });
    if (producer === undefined) throw new BusError("unsupported", `exactlyOnce needs transactions, and transport ${bus.name} has none`);
    return {
      commit: async (transaction, options) => {
        const offset = transaction.offsets.at(-1)?.offset;
        const position = offset === undefined ? undefined : this.consumer?.log.positionAt(offset);
        await producer.commit({ ...transaction, offsets: [], records: await this.records(transaction, position) }, options);
        for (const { value } of transaction.records) if (value instanceof CarriedRecord) this.input.onDeadLetter();
        if (offset !== undefined) this.consumer?.committed(offset, true);
      },
      close: () => producer.close(),
    };
  }

  async close(): Promise<void> {}

  private async records({ records }: Transaction, position: SplitPosition | undefined): Promise<Transaction["records"]> {
    const { deadLetterTopic, deadLetters, split, consumer } = this.input;
    const all: Transaction["records"][number][] = [];
    for (const record of records) {
      const letter = deadLetterOf(record, { topic: deadLetterTopic, split, connector: consumer.connector });
      // before the position, so that it may come again and is never lost
      if (letter && deadLetters) await deadLetters.add(letter);
      else all.push(letter ?? record);
    }
    const stored = position === undefined ? undefined : this.input.positionRecord(position);
    return stored === undefined ? all : [...all, stored];
  }
}

function refuse(): Promise<never> {
  return Promise.reject(new BusError("unsupported", "a source is no transport"));
}
