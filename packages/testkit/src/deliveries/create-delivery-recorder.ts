import type { CommitRequest, Delivery, OutgoingRecord, SendOutcome, Transport } from "@org/bus-core";
import { type CheckDeliveriesOptions, checkDeliveries, type DeliveriesReport } from "./check-deliveries.js";
import type { DeliveryEvent, KeyedRecord } from "./event.js";

/** Notes what happens to records while a test runs. */
export interface DeliveryRecorder {
  /** Everything noted, in order. */
  readonly events: readonly DeliveryEvent[];
  /**
   * A transport that notes, for `topics`, what it was seen to acknowledge and what it was asked to commit. It is otherwise the same. A
   * dead-letter topic should not be among them, unless it is handled too.
   */
  transport(transport: Transport, topics: readonly string[]): Transport;
  /** A handler that notes when it starts and how it ends: a rejection is `failed`. */
  handler<T>(handle: (value: T, delivery: Delivery<T>) => unknown): (value: T, delivery: Delivery<T>) => Promise<void>;
  /** For what the recorder cannot see: a record that reached a dead letter is `ended` and `settled`. */
  note(event: DeliveryEvent): void;
  check(options?: CheckDeliveriesOptions): DeliveriesReport;
}

/** Creates a recorder that has noted nothing. */
export function createDeliveryRecorder(): DeliveryRecorder {
  const events: DeliveryEvent[] = [];
  const note = (event: DeliveryEvent): void => {
    events.push(event);
  };
  return {
    events,
    note,
    check: (options) => checkDeliveries(events, options),
    transport: (transport, topics) => observe(transport, new Set(topics), note),
    handler: (handle) => async (value, delivery) => {
      const { topic, partition, offset } = delivery;
      const record: KeyedRecord = { topic, partition, offset, key: keyText(delivery.key) };
      note({ kind: "started", ...record });
      try {
        await handle(value, delivery);
      } catch (error) {
        note({ kind: "ended", outcome: "failed", ...record });
        throw error;
      }
      note({ kind: "ended", outcome: "settled", ...record });
    },
  };
}

function observe(transport: Transport, topics: ReadonlySet<string>, note: (event: DeliveryEvent) => void): Transport {
  const noteSent = (records: readonly OutgoingRecord[], outcomes: readonly SendOutcome[]) => {
    for (const [index, { topic, partition, key }] of records.entries()) {
      const outcome = outcomes[index];
      if (outcome?.ok && topics.has(topic)) note({ kind: "published", topic, partition, offset: outcome.offset, key: keyText(key) });
    }
  };
  const noteCommit = (requests: readonly CommitRequest[]) => {
    for (const { topic, partition, offset } of requests) if (topics.has(topic)) note({ kind: "committed", topic, partition, offset });
  };
  return {
    name: transport.name,
    features: transport.features,
    admin: transport.admin,
    async createProducer() {
      const producer = await transport.createProducer();
      return {
        async send(records, options) {
          const outcomes = await producer.send(records, options);
          noteSent(records, outcomes);
          return outcomes;
        },
        close: () => producer.close(),
      };
    },
    createConsumer(options) {
      const consumer = transport.createConsumer(options);
      return {
        start: (listener) => consumer.start(listener),
        pause: (partitions) => consumer.pause(partitions),
        resume: (partitions) => consumer.resume(partitions),
        commit(requests) {
          // noted before it is sent: what is asked for has to be true at this moment already
          noteCommit(requests);
          return consumer.commit(requests);
        },
        close: () => consumer.close(),
      };
    },
    close: () => transport.close(),
  };
}

/** Keys as text; bytes that are no UTF-8 in hexadecimal. */
function keyText(key: Uint8Array | null): string | null {
  if (key === null) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(key);
  } catch {
    return `0x${Buffer.from(key).toString("hex")}`;
  }
}
