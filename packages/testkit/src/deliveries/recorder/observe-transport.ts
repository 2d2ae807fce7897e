import {
  headerText,
  type OutgoingRecord,
  type SendOutcome,
  type TransactionalProducer,
  type TransactionalProducerOptions,
  type Transport,
} from "@org/bus-core";
import { keyText } from "../key-text.js";
import type { History } from "./history.js";
import { ObservedConsumer } from "./observe-consumer.js";

/** A transport that tells `history` what it was seen to do on behalf of `member`, for `topics`. It is otherwise the same. */
export function observeTransport(transport: Transport, topics: ReadonlySet<string>, member: string, history: History): Transport {
  const transactions = transport.createTransactionalProducer?.bind(transport);
  return {
    name: transport.name,
    features: transport.features,
    admin: transport.admin,
    ...(transactions === undefined
      ? {}
      : {
          async createTransactionalProducer(options: TransactionalProducerOptions) {
            return observeTransactions(await transactions(options), topics, member, history);
          },
        }),
    async createProducer() {
      const producer = await transport.createProducer();
      return {
        async send(records, options) {
          const outcomes = await producer.send(records, options);
          noteSent(records, outcomes, topics, history);
          return outcomes;
        },
        close: () => producer.close(),
      };
    },
    createConsumer: (options) => new ObservedConsumer(transport.createConsumer(options), topics, member, history),
    close: () => transport.close(),
  };
}

function noteSent(records: readonly OutgoingRecord[], outcomes: readonly SendOutcome[], topics: ReadonlySet<string>, history: History): void {
  for (const [index, record] of records.entries()) {
    const outcome = outcomes[index];
    if (!outcome?.ok) continue;
    const { topic, partition, key } = record;
    if (topics.has(topic)) history.note({ kind: "published", topic, partition, offset: outcome.offset, key: keyText(key) });
    noteDeadLetter(record, topics, history);
  }
}

function observeTransactions(producer: TransactionalProducer, topics: ReadonlySet<string>, member: string, history: History): TransactionalProducer {
  return {
    async commit(transaction, options) {
      const commits = transaction.offsets.flatMap((request) => history.commitOf(member, request) ?? []);
      // they are done with when the transaction is, and the offsets in it say so already
      for (const record of transaction.records) noteDeadLetter(record, topics, history);
      for (const commit of commits) history.note({ kind: "committed", ...commit });
      try {
        await producer.commit(transaction, options);
      } catch (error) {
        for (const commit of commits) history.note({ kind: "refused", ...commit });
        throw error;
      }
      for (const commit of commits) history.note({ kind: "acknowledged", ...commit });
    },
    close: () => producer.close(),
  };
}

function noteDeadLetter(record: OutgoingRecord, topics: ReadonlySet<string>, history: History): void {
  const source = deadLetterSource(record);
  if (source !== undefined && topics.has(source.topic)) history.note({ kind: "ended", outcome: "settled", ...source, key: keyText(record.key) });
}

/** Where the record lay of which this is the dead letter. */
function deadLetterSource({ topic, headers }: OutgoingRecord) {
  if (!topic.endsWith(".dlq")) return undefined;
  const source = headerText(headers, "bus-dlq-topic");
  if (source === undefined) return undefined;
  return { topic: source, partition: Number(headerText(headers, "bus-dlq-partition")), offset: Number(headerText(headers, "bus-dlq-offset")) };
}
