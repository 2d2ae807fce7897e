import { BusError } from "../../errors.js";
import type { Delivery } from "../delivery/delivery.js";
import { type EngineDelivery, engineDelivery } from "../delivery/engine-delivery.js";
import type { PartitionWork } from "../partition/partition-work.js";
import type { AttachedStage, HeldDelivery, RunningKey, RunScope } from "../run/run-scope.js";
import type { Stage } from "./stage.js";
import { noTimes } from "./task.js";

export interface GatherStageOptions {
  /** For explain(): `batchMessages`. */
  readonly name: string;
  /** Deliveries per batch. */
  readonly maxSize: number;
  /** How long the first delivery of a batch waits for others, in ms. */
  readonly maxWaitMs: number;
}

/**
 * A stage that gathers deliveries, of whatever key, in the order in which they come. It hands them on when there are `maxSize`, when the first has
 * waited `maxWaitMs`, or when a drain waits for them.
 *
 * @internal
 */
export function createGatherStage<In>(options: GatherStageOptions, emit: (deliveries: readonly Delivery<In>[]) => void): GatherStage<In> {
  return new Gathering(options, emit);
}

/** @internal */
export interface GatherStage<In> extends Stage<In> {
  /** Hands on what there is. */
  flush(): void;
}

class Gathering<In> implements GatherStage<In>, AttachedStage {
  readonly inFlight = 0;
  readonly calls = 0;
  readonly overdue = 0;
  readonly keys = 0;
  private gathered: { readonly delivery: EngineDelivery<In>; readonly since: number }[] = [];
  private run: RunScope | undefined;
  private cancelTimer: () => void = () => {};

  constructor(
    private readonly options: GatherStageOptions,
    private readonly emit: (deliveries: readonly Delivery<In>[]) => void,
  ) {}

  get name(): string {
    return this.options.name;
  }

  get waiting(): number {
    return this.gathered.length;
  }

  push(delivery: Delivery<In>): void {
    const taken = engineDelivery(delivery);
    const { run } = taken;
    if (run !== this.run) {
      this.run = run;
      run.attach(this);
    }
    this.gathered.push({ delivery: taken, since: run.clock.now() });
    if (this.gathered.length >= this.options.maxSize || !taken.isActive) this.flush();
    else if (this.gathered.length === 1) this.cancelTimer = run.clock.schedule(this.options.maxWaitMs, () => this.flush());
  }

  purge(): void {
    this.flush();
  }

  reconsider(): void {}

  held(work: PartitionWork, slot: number): HeldDelivery | undefined {
    const found = this.gathered.find(({ delivery }) => delivery.origins.some((origin) => origin.work === work && origin.slot === slot));
    if (found === undefined) return undefined;
    const { delivery, since } = found;
    return {
      stage: this.name,
      key: delivery.origin.displayKey,
      state: "waiting",
      attempt: delivery.attempt,
      since,
      dueAt: (this.gathered[0]?.since ?? since) + this.options.maxWaitMs,
      lastError: undefined,
      waitingBehind: 0,
    };
  }

  running(): readonly RunningKey[] {
    return [];
  }

  flush(): void {
    this.cancelTimer();
    const batch: EngineDelivery<In>[] = [];
    const now = this.run?.clock.now() ?? 0;
    for (const { delivery, since } of this.gathered.splice(0)) {
      if (delivery.mayStart) {
        batch.push(delivery);
        for (const origin of delivery.origins) origin.passed({ ...noTimes, stage: this.options.name, batchMs: now - since });
      } else delivery.release(false);
    }
    if (batch.length === 0) return;
    try {
      this.emit(batch);
    } catch (error) {
      this.run?.restart(BusError.from(error, "handler_failed"));
    }
  }
}
