import type { PositionStore, Sink, Source, SourceBatch, SourceContext } from "@org/bus-connect";
import type { Journal } from "../journal.js";
import type { Stage } from "./job.js";

/** What the suite watches a connector with. */
export interface Watch {
  readonly journal: Journal;
  strike(stage: Stage): void;
  idOf(value: unknown): string;
}

/** Tells the journal what a source gave out and was told. */
export function watchedSource(source: Source<unknown>, { journal, strike, idOf }: Watch, onBatch: (records: number) => void): Source<unknown> {
  async function* read(context: SourceContext): AsyncGenerator<SourceBatch<unknown>> {
    let count = 0;
    const split = context.split.id;
    for await (const given of source.read(context)) {
      const batch = count++;
      const records = given.records.map(({ value, key }) => ({ id: idOf(value), key: key === null ? null : Buffer.from(key).toString() }));
      journal.append({ type: "read", split, batch, position: given.position, records });
      onBatch(records.length);
      strike("read");
      yield {
        ...given,
        async acknowledge() {
          journal.append({ type: "acknowledged", split, batch });
          await given.acknowledge?.();
          strike("acknowledged");
        },
        async release(error) {
          await given.release?.(error);
        },
      };
    }
  }
  return {
    name: source.name,
    replayable: source.replayable,
    bounded: source.bounded ?? false,
    ...(source.splits === undefined ? {} : { splits: (context) => source.splits?.(context) ?? Promise.resolve([]) }),
    read,
  };
}

/** Strikes around what a sink does. */
export function watchedSink(sink: Sink<unknown>, { journal, strike, idOf }: Watch, recordMs: number): Sink<unknown> {
  return {
    name: sink.name,
    ...(sink.batching === undefined ? {} : { batching: sink.batching }),
    ...(sink.concurrency === undefined ? {} : { concurrency: sink.concurrency }),
    async open(context) {
      const writer = await sink.open(context);
      let held: string[] = [];
      return {
        async write(records, writing) {
          strike("before write");
          if (recordMs > 0) await new Promise((resolve) => setTimeout(resolve, records.length * recordMs));
          const outcomes = await writer.write(records, writing);
          const idsOf = (status: string) => records.filter((_, index) => outcomes[index]?.status === status).map(({ value }) => idOf(value));
          journal.append({ type: "written", ids: idsOf("written") });
          held.push(...idsOf("held"));
          strike("after write");
          return outcomes;
        },
        ...(writer.flush === undefined
          ? {}
          : {
              async flush(flushing) {
                strike("before flush");
                const flushed = held;
                held = [];
                await writer.flush?.(flushing);
                journal.append({ type: "written", ids: flushed });
              },
            }),
        close: () => writer.close(),
      };
    },
  };
}

/** Tells the journal what was stored. */
export function watchedPositions(store: PositionStore, { journal, strike }: Watch): PositionStore {
  return {
    stored: (connector, bus) => store.stored(connector, bus),
    async open(connector, bus, listener) {
      const positions = await store.open(connector, bus, listener);
      return {
        owns: (split) => positions.owns(split),
        load: (split) => positions.load(split),
        all: () => positions.all(),
        clear: (split) => positions.clear(split),
        record: (split, position) => positions.record(split, position),
        settled: positions.settled,
        markDone: (splits) => positions.markDone(splits),
        isDone: (split) => positions.isDone(split),
        isHidden: (split) => positions.isHidden(split),
        close: () => positions.close(),
        async store(split, position) {
          strike("before position");
          journal.append({ type: "stored", split, position: position.position });
          await positions.store(split, position);
          strike("after position");
        },
      };
    },
  };
}
