import { type ConnectRecord, connectRecord, type Sink, type Source, written } from "@org/bus-connect";

const batchSize = 10;
const keys = 7;

/** The other side of a source under test: takes everything. */
export function takingSink(onTaken: (values: readonly unknown[]) => void = () => {}): Sink<unknown> {
  return {
    name: "suite",
    batching: { maxWaitMs: 5 },
    open: async () => ({
      async write(records) {
        onTaken(records.map(({ value }) => value));
        return records.map(() => written);
      },
      async close() {},
    }),
  };
}

/** The other side of a sink under test: `count` records, which it can give again from any index. */
export function numberedSource(count: number, makeValue: (index: number) => unknown): Source<unknown> {
  return {
    name: "suite",
    replayable: true,
    bounded: true,
    async *read({ position }) {
      for (let start = typeof position === "number" ? position : 0; start < count; start += batchSize) {
        const end = Math.min(count, start + batchSize);
        const records = Array.from({ length: end - start }, (_, offset): ConnectRecord<unknown> => {
          const index = start + offset;
          const origin = { topic: "suite", partition: 0, offset: index };
          return connectRecord({ value: makeValue(index), id: `suite:${index}`, key: `k${index % keys}`, origin });
        });
        yield { records, position: end };
      }
    },
  };
}
