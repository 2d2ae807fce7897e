import type { AnyContract } from "../contract/contract.js";
import { BusError } from "../errors.js";
import type { IncomingRecord } from "../transport/record.js";
import type { RecordBatch } from "../transport/transport.js";
import { createStage } from "./create-stage.js";
import { received } from "./engine-delivery.js";
import type { DeliverySink } from "./face.js";
import type { LostDeliveries } from "./lost-deliveries.js";
import { Origin } from "./origin.js";
import type { PartitionWork } from "./partition-work.js";
import type { RunScope } from "./run-scope.js";
import type { Stage } from "./stage.js";

/** From records to deliveries: enters them in the ledger, decodes them and hands them on. */
export class Receiver {
  /** Takes what cannot be decoded to the failure policy; there is nothing to try again. */
  private readonly undecodable: Stage<BusError> = createStage(
    { name: "decode", concurrency: Number.POSITIVE_INFINITY, order: "none" },
    (delivery) => {
      throw delivery.value;
    },
    () => {},
  );

  constructor(
    private readonly run: RunScope,
    private readonly contracts: ReadonlyMap<string, AnyContract>,
    private readonly lost: LostDeliveries,
    private readonly sink: DeliverySink,
  ) {}

  receive(work: PartitionWork, batch: RecordBatch): void {
    work.logEnd = batch.logEnd;
    const contract = this.contracts.get(work.topic);
    if (contract === undefined) return;
    let index = 0;
    for (const record of batch.records) {
      // a handler that runs at once may end the run
      if (work.state !== "active") return;
      const slot = work.ledger.receive(record.offset, (record.key?.byteLength ?? 0) + (record.value?.byteLength ?? 0));
      // a transport that reads on after a fault may begin a little earlier
      if (slot < 0) continue;
      const origin = new Origin(this.run, work, slot, record, contract);
      this.lost.watch(origin, index++);
      this.handOn(origin, record, contract);
    }
  }

  private handOn(origin: Origin, record: IncomingRecord, contract: AnyContract): void {
    let value: unknown;
    try {
      value = decode(record, contract);
    } catch (error) {
      this.undecodable.push(received(origin, BusError.from(error, "malformed_message")));
      return;
    }
    this.sink.next(received(origin, value));
  }
}

function decode(record: IncomingRecord, contract: AnyContract): unknown {
  if (record.value !== null) return contract.decode(record.value);
  if (contract.topic?.cleanup !== "delete") return undefined;
  throw new BusError(
    "malformed_message",
    `a null value is a tombstone, and ${contract.typeName} has none: the cleanup of topic ${record.topic} is declared as delete, not compact`,
  );
}
