import { BusError } from "../../errors.js";
import type { PartitionWork } from "../partition/partition-work.js";
import type { AttachedStage } from "../run/run-scope.js";
import type { Origin } from "./origin.js";

interface Watched {
  readonly work: PartitionWork;
  readonly slot: number;
  readonly offset: number;
}

/** Of a batch, this many are watched, and then one in `sampleEvery`: all of a slow stream, few of a fast one, so that it costs next to nothing. */
const watchedPerBatch = 4;
const sampleEvery = 64;

/** Notices deliveries that an operator of the user dropped: they would hold up the commit for ever. */
export class LostDeliveries {
  private readonly registry = new FinalizationRegistry<Watched>(({ work, slot, offset }) => {
    if (work.state === "active" && !work.ledger.isSettled(slot)) this.onLost(lostError(work, offset));
  });

  constructor(
    private readonly settleTimeoutMs: number,
    private readonly onLost: (error: BusError) => void,
  ) {}

  /** Notices when the `index`-th of a batch has become unreachable before it was settled. */
  watch(origin: Origin, index: number): void {
    if (index >= watchedPerBatch && index % sampleEvery !== 0) return;
    const { work, slot, record } = origin;
    this.registry.register(origin, { work, slot, offset: record.offset });
  }

  /** Looks for a delivery that has held up a frontier for too long although no handler has it. Called now and then. */
  check(works: readonly PartitionWork[], stages: Iterable<AttachedStage>, now: number): void {
    const held = [...stages];
    for (const work of works) {
      const slot = work.ledger.headSlot;
      if (slot === undefined || work.state !== "active") work.head = undefined;
      else if (slot !== work.head?.slot) work.head = { slot, since: now };
      else if (now - work.head.since >= this.settleTimeoutMs && !held.some((stage) => stage.held(work, slot) !== undefined)) {
        this.onLost(lostError(work, work.ledger.frontier));
      }
    }
  }
}

function lostError({ topic, partition }: PartitionWork, offset: number): BusError {
  return new BusError(
    "delivery_lost",
    `the delivery of ${topic}[${partition}] offset ${offset} left the pipe without being settled: an operator dropped it; ` +
      "use filterMessages instead of filter, and the operators of this library wherever messages are left out or put together",
    { details: { topic, partition, offset } },
  );
}
