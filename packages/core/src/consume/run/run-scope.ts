import type { Clock } from "../../clock.js";
import type { ConsumerTracing, TraceRelation } from "../../context/process-span.js";
import type { DecodeLimits } from "../../contract/wire/limits.js";
import type { BusError } from "../../errors.js";
import type { FailurePolicy } from "../../failure/failure-policy.js";
import type { Logger } from "../../logger.js";
import type { StreamMetrics } from "../../metrics/stream-metrics.js";
import type { Publisher } from "../../publish/publisher.js";
import type { PartitionExplanation } from "../consumption.js";
import type { PartitionWork } from "../partition/partition-work.js";

/** A delivery that a stage holds, as `explain()` tells it. */
export type HeldDelivery = Omit<NonNullable<PartitionExplanation["heldBy"]>, "offset">;

/** What a run sees of its stages. */
export interface AttachedStage {
  readonly name: string;
  readonly inFlight: number;
  /** Calls of user code that hold a slot: one for a batch. */
  readonly calls: number;
  /** In flight, and past their time. */
  readonly overdue: number;
  readonly waiting: number;
  /** Keys of which something is worked on or waits. */
  readonly keys: number;
  /** Gives up what waits and may not begin any more, and cuts short what a drain would wait for: the time between tries, others to gather. */
  purge(): void;
  /** Starts what a ceiling held back and does no longer. */
  reconsider(): void;
  /** The delivery received in `slot` of `work`, if this stage holds it. */
  held(work: PartitionWork, slot: number): HeldDelivery | undefined;
  /** The keys it works on now. A later run must not begin one of them before it has ended. */
  running(): readonly RunningKey[];
}

export interface RunningKey {
  readonly key: string;
  /** Calls back when the work has ended. */
  onEnd(callback: () => void): void;
}

/** What deliveries and stages need of the run they belong to: one opening of a consumption, from joining the group to leaving it. */
export interface RunScope {
  readonly group: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tracing: ConsumerTracing;
  readonly traceRelation: TraceRelation;
  readonly metrics: StreamMetrics;
  readonly publisher: Publisher;
  readonly failure: FailurePolicy;
  /** Keys on which earlier runs of this process still work. */
  readonly leftovers: readonly RunningKey[];
  /** From this many on, what waits for one key in a stage holds back its partition. */
  readonly maxWaitingPerKey: number;
  /** What a record may be at most. */
  readonly decodeLimits: DecodeLimits;
  attach(stage: AttachedStage): void;
  /** A call of user code is over. */
  callEnded(): void;
  /** Ends the stream: commits what is settled, settles nothing else. */
  stop(error: BusError): void;
  /** Begins anew after a fault that is not of a message. */
  restart(error: BusError): void;
  /** A delivery was settled or passed on more than once. Harmless; logged once. */
  misused(topic: string, partition: number, offset: number): void;
}
