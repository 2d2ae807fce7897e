import type { ConnectRecord } from "../src/record.js";
import type { Sink, SinkBatching, WriteContext, WriteOutcome } from "../src/sink/sink.js";

export interface ListSink<T> extends Sink<T> {
  /** What was written, in order. */
  readonly values: T[];
  readonly batches: (readonly ConnectRecord<T>[])[];
  opened: number;
  closed: number;
  flushes: number;
}

/** A sink in memory; `answer` decides of each record. */
export function listSink<T>(
  answer: (record: ConnectRecord<T>, context: WriteContext) => WriteOutcome | Promise<WriteOutcome> = () => ({ status: "written" }),
  { batching = { maxWaitMs: 1 }, concurrency = 1 }: { readonly batching?: SinkBatching; readonly concurrency?: number } = {},
): ListSink<T> {
  const sink: ListSink<T> = {
    name: "list",
    batching,
    concurrency,
    values: [],
    batches: [],
    opened: 0,
    closed: 0,
    flushes: 0,
    async open() {
      sink.opened++;
      return {
        async write(records, context) {
          sink.batches.push(records);
          const outcomes: WriteOutcome[] = [];
          for (const record of records) {
            const outcome = await answer(record, context);
            if (outcome.status === "written" || outcome.status === "held") sink.values.push(record.value);
            outcomes.push(outcome);
          }
          return outcomes;
        },
        flush: async () => {
          sink.flushes++;
        },
        close: async () => {
          sink.closed++;
        },
      };
    },
  };
  return sink;
}
