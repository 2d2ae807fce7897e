import { headerText, type OutgoingRecord, type SendOutcome, type Transport } from "@org/bus-core";
import { keyText } from "../key-text.js";
import type { History } from "./history.js";
import { ObservedConsumer } from "./observe-consumer.js";

/** A transport that tells `history` what it was seen to do on behalf of `member`, for `topics`. It is otherwise the same. */
export function observeTransport(transport: Transport, topics: ReadonlySet<string>, member: string, history: History): Transport {
  return {
    name: transport.name,
    features: transport.features,
    admin: transport.admin,
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
    const source = deadLetterSource(record);
    if (source !== undefined && topics.has(source.topic)) history.note({ kind: "ended", outcome: "settled", ...source, key: keyText(key) });
  }
}

/** Where the record lay of which this is the dead letter. */
function deadLetterSource({ topic, headers }: OutgoingRecord) {
  if (!topic.endsWith(".dlq")) return undefined;
  const source = headerText(headers, "bus-dlq-topic");
  if (source === undefined) return undefined;
  return { topic: source, partition: Number(headerText(headers, "bus-dlq-partition")), offset: Number(headerText(headers, "bus-dlq-offset")) };
}
