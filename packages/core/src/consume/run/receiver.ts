import type { AnyContract } from "../../contract/contract.js";
import { BusError } from "../../errors.js";
import type { IncomingRecord } from "../../transport/record.js";
import type { RecordBatch } from "../../transport/transport.js";
import { decodeRecord } from "../delivery/decode-record.js";
import { received } from "../delivery/engine-delivery.js";
import type { LostDeliveries } from "../delivery/lost-deliveries.js";
import { Origin } from "../delivery/origin.js";
import type { DeliverySink } from "../face.js";
import type { PartitionWork } from "../partition/partition-work.js";
import { createStage } from "../stage/create-stage.js";
import { decodeStage, type Stage } from "../stage/stage.js";
import { Turns } from "../stage/turns.js";
import { withoutSensitive } from "../stage/withheld-error.js";
import type { RunScope } from "./run-scope.js";

/** Handlers that never wait must not keep the event loop from heartbeats for longer than this. */
const sliceMs = 5;

interface Received {
  readonly work: PartitionWork;
  readonly contract: AnyContract;
  readonly records: readonly IncomingRecord[];
  /** Of the record at `first`; those that follow have the next slots. */
  readonly firstSlot: number;
  readonly first: number;
}

/** From records to deliveries: enters them in the ledger, decodes them and hands them on, in slices of time. */
export class Receiver {
  /** Takes what cannot be decoded to the failure policy; there is nothing to try again. */
  private readonly undecodable: Stage<BusError> = createStage(
    { name: decodeStage, concurrency: Number.POSITIVE_INFINITY, order: "none" },
    (delivery) => {
      throw delivery.value;
    },
    () => {},
  );
  private readonly queue = new Turns<Received>();
  private isHandingOn = false;

  constructor(
    private readonly run: RunScope,
    private readonly contracts: ReadonlyMap<string, AnyContract>,
    private readonly lost: LostDeliveries,
    private readonly sink: DeliverySink,
    /** More of the partition has been handed on. */
    private readonly onHandedOn: (work: PartitionWork) => void,
  ) {}

  receive(work: PartitionWork, batch: RecordBatch): void {
    work.sawLogEnd(batch.logEnd);
    const contract = this.contracts.get(work.topic);
    if (contract === undefined) return;
    const { records } = batch;
    const unsettledBefore = work.ledger.unsettled;
    let first = 0;
    let firstSlot = -1;
    for (const { offset, key, value, timestamp } of records) {
      const slot = work.ledger.receive(offset, (key?.byteLength ?? 0) + (value?.byteLength ?? 0), timestamp);
      // a transport that reads on after a fault may begin a little earlier
      if (slot < 0) first++;
      else if (firstSlot < 0) firstSlot = slot;
    }
    const firstNew = records[first];
    if (firstNew !== undefined) work.uncommitted.received(firstNew.timestamp);
    this.run.metrics.received(work.topic, records.length, records.length - (work.ledger.unsettled - unsettledBefore));
    this.queue.push({ work, contract, records, firstSlot, first });
    if (!this.isHandingOn) this.handOn();
  }

  private handOn(): void {
    this.isHandingOn = true;
    const end = this.run.clock.now() + sliceMs;
    try {
      for (let batch = this.queue.shift(); batch !== undefined; batch = this.queue.shift()) {
        const next = this.handOnBatch(batch, end);
        this.onHandedOn(batch.work);
        if (next === undefined) continue;
        this.queue.unshift(next);
        setImmediate(() => this.handOn());
        return;
      }
    } catch (error) {
      this.run.restart(BusError.from(error, "handler_failed"));
    }
    this.isHandingOn = false;
  }

  /** Returns what is left when the time is over. */
  private handOnBatch(batch: Received, end: number): Received | undefined {
    const { work, contract, records, firstSlot, first } = batch;
    let now = this.run.clock.now();
    for (let index = first; index < records.length; index++) {
      // a handler that runs at once may end the run
      if (work.state !== "active") return undefined;
      const slot = firstSlot + index - first;
      if (index > first && index % 8 === 0) {
        now = this.run.clock.now();
        if (now >= end) return { ...batch, first: index, firstSlot: slot };
      }
      // an earlier assignment has settled it
      if (work.ledger.isSettled(slot)) continue;
      const record = records[index] as IncomingRecord;
      const origin = new Origin(this.run, work, slot, record, contract, now);
      this.lost.watch(origin, index);
      this.deliver(origin, record, contract);
    }
    return undefined;
  }

  private deliver(origin: Origin, record: IncomingRecord, contract: AnyContract): void {
    let value: unknown;
    try {
      value = decodeRecord(record, contract, this.run.decodeLimits);
    } catch (error) {
      // a contract of the library says nothing of values; what others throw may
      const told = error instanceof BusError ? error : withoutSensitive(error, [contract]);
      this.undecodable.push(received(origin, BusError.from(told, "malformed_message")));
      return;
    }
    this.sink.next(received(origin, value));
  }
}
