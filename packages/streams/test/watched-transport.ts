import type { OutgoingRecord, SendOutcome, Transport } from "@org/bus-core";

type Send = (records: readonly OutgoingRecord[]) => Promise<readonly SendOutcome[]>;

/** A transport whose sends go through `intercept`: to count, hold or fail them. */
export function watchedTransport(transport: Transport, intercept: (records: readonly OutgoingRecord[], send: Send) => ReturnType<Send>): Transport {
  return {
    name: transport.name,
    features: transport.features,
    admin: transport.admin,
    async createProducer() {
      const producer = await transport.createProducer();
      return {
        send: (records, options) => intercept(records, (passed) => producer.send(passed, options)),
        close: () => producer.close(),
      };
    },
    createConsumer: (options) => transport.createConsumer(options),
    close: () => transport.close(),
  };
}
