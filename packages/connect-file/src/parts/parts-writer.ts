import type { ConnectRecord, SinkWriter, WriteOutcome } from "@org/bus-connect";
import { laneOf, type Span } from "./lane.js";
import { type LaneSetup, LaneWriter } from "./lane-writer.js";

/** A lane without records for so many flushes is let go of. */
const idleFlushes = 10;

interface UsedLane {
  writer: LaneWriter;
  /** Flushes since its last record. */
  idle: number;
}

/** Writes records into the parts of their lanes. What it has taken is held until `flush` shows it. */
export class PartsWriter<T> implements SinkWriter<T> {
  readonly #setup: LaneSetup;
  readonly #span: Span;
  readonly #lanes = new Map<string, UsedLane>();
  /** Once something could not be appended, nobody knows what a part has: no part is shown any more, and the task begins anew. */
  #broken: { readonly error: unknown } | undefined;

  constructor(setup: LaneSetup, span: Span) {
    this.#setup = setup;
    this.#span = span;
  }

  async write(records: readonly ConnectRecord<T>[]): Promise<readonly WriteOutcome[]> {
    return await this.#unlessBroken(async () => {
      const outcomes: WriteOutcome[] = [];
      const touched = new Set<LaneWriter>();
      for (const record of records) {
        const lane = await this.#laneFor(record);
        touched.add(lane);
        let outcome: WriteOutcome = { status: "held" };
        await lane.add(record, (error) => {
          outcome = { status: "rejected", error };
        });
        outcomes.push(outcome);
      }
      for (const lane of touched) await lane.append();
      return outcomes;
    });
  }

  async flush(): Promise<void> {
    await this.#unlessBroken(async () => {
      for (const [name, lane] of this.#lanes) {
        await lane.writer.finish();
        await lane.writer.note();
        lane.idle += 1;
        if (lane.idle > idleFlushes) this.#lanes.delete(name);
      }
    });
  }

  async close(): Promise<void> {
    for (const { writer } of this.#lanes.values()) await writer.discard();
    this.#lanes.clear();
  }

  async #laneFor(record: ConnectRecord<T>): Promise<LaneWriter> {
    const lane = laneOf(record, this.#span);
    const name = lane.folder + lane.prefix;
    const used = this.#lanes.get(name);
    if (used !== undefined && !used.writer.isBehind(record.origin?.offset)) {
      used.idle = 0;
      return used.writer;
    }
    await used?.writer.discard();
    const writer = await LaneWriter.open(lane, this.#setup, record.origin?.offset);
    this.#lanes.set(name, { writer, idle: 0 });
    return writer;
  }

  async #unlessBroken<R>(work: () => Promise<R>): Promise<R> {
    if (this.#broken !== undefined) throw this.#broken.error;
    try {
      return await work();
    } catch (error) {
      this.#broken = { error };
      throw error;
    }
  }
}
