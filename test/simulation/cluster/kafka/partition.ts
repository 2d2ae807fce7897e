import type { IncomingRecord, OutgoingRecord } from "@org/bus-core";
import { ProtocolError } from "./protocol-error.js";

/** A record in the log; a control record uses up an offset and is shown to nobody. */
export interface LogRecord extends IncomingRecord {
  readonly isControl: boolean;
  /** The offset of the first record of its batch. */
  readonly batch: number;
}

/** Whose batch it is, for a producer that numbers its records. */
export interface Numbering {
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
}

interface WrittenBatch {
  readonly firstSequence: number;
  readonly count: number;
  readonly baseOffset: number;
}

interface ProducerState {
  readonly epoch: number;
  nextSequence: number;
  /** The last five, by which a broker knows a repetition. */
  readonly batches: WrittenBatch[];
}

const KNOWN_BATCHES = 5;

/** The log of one partition, on its leader. */
export class Partition {
  readonly records: LogRecord[] = [];
  logStart = 0;
  logEnd = 0;
  readonly #producers = new Map<string, ProducerState>();
  readonly #waiters = new Set<() => void>();

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  /** Returns the offset of the first record. A batch that is known already is not written again. */
  append(records: readonly OutgoingRecord[], numbering: Numbering | undefined): number {
    const known = numbering && this.#checkSequence(numbering, records.length);
    if (known !== undefined) return known;
    const baseOffset = this.logEnd;
    for (const record of records) this.records.push({ ...record, offset: this.logEnd++, batch: baseOffset, isControl: false });
    if (numbering !== undefined) this.#remember(numbering, records.length, baseOffset);
    this.#changed();
    return baseOffset;
  }

  appendControl(count: number): void {
    const { topic, partition } = this;
    for (let index = 0; index < count; index++) {
      const control = { key: null, value: null, headers: {}, timestamp: 0, isControl: true };
      this.records.push({ topic, partition, batch: this.logEnd, offset: this.logEnd++, ...control });
    }
    this.#changed();
  }

  deleteBefore(offset: number): void {
    this.logStart = Math.max(this.logStart, Math.min(offset, this.logEnd));
    while (this.records[0] !== undefined && this.records[0].offset < this.logStart) this.records.shift();
  }

  /** @throws {ProtocolError} OFFSET_OUT_OF_RANGE */
  read(offset: number, limit: number): readonly LogRecord[] {
    if (offset < this.logStart || offset > this.logEnd) throw new ProtocolError("OFFSET_OUT_OF_RANGE");
    const found: LogRecord[] = [];
    for (const record of this.records) if (record.offset >= offset && found.length < limit) found.push(record);
    return found;
  }

  /** The records of the batch of `record` that lie before it. */
  batchBefore(record: LogRecord): readonly LogRecord[] {
    return this.records.filter(({ batch, offset }) => batch === record.batch && offset < record.offset);
  }

  /** The first offset at or after a time; -1 stands for the end of the log, -2 for its start. Returns -1 where the log ends before that time. */
  offsetAt(time: number): number {
    if (time === -1) return this.logEnd;
    if (time === -2) return this.logStart;
    return this.records.find(({ isControl, timestamp }) => !isControl && timestamp >= time)?.offset ?? -1;
  }

  /** Calls back with the next change, until the returned function is called. */
  watch(callback: () => void): () => void {
    this.#waiters.add(callback);
    return () => this.#waiters.delete(callback);
  }

  #changed(): void {
    for (const callback of [...this.#waiters]) callback();
  }

  #checkSequence({ producerId, producerEpoch, firstSequence }: Numbering, count: number): number | undefined {
    const state = this.#producers.get(producerId);
    if (state === undefined) return undefined;
    if (producerEpoch < state.epoch) throw new ProtocolError("INVALID_PRODUCER_EPOCH");
    if (producerEpoch > state.epoch) {
      if (firstSequence !== 0) throw new ProtocolError("OUT_OF_ORDER_SEQUENCE_NUMBER");
      return undefined;
    }
    const known = state.batches.find((batch) => batch.firstSequence === firstSequence && batch.count === count);
    if (known !== undefined) return known.baseOffset;
    if (firstSequence !== state.nextSequence) throw new ProtocolError("OUT_OF_ORDER_SEQUENCE_NUMBER");
    return undefined;
  }

  #remember({ producerId, producerEpoch, firstSequence }: Numbering, count: number, baseOffset: number): void {
    let state = this.#producers.get(producerId);
    if (state?.epoch !== producerEpoch) state = { epoch: producerEpoch, nextSequence: 0, batches: [] };
    state.nextSequence = firstSequence + count;
    state.batches.push({ firstSequence, count, baseOffset });
    if (state.batches.length > KNOWN_BATCHES) state.batches.shift();
    this.#producers.set(producerId, state);
  }
}
