import { context } from "@opentelemetry/api";
import { BusError } from "../../errors.js";
import { noteWork } from "../../health/current-work.js";
import type { EngineDelivery } from "../delivery/engine-delivery.js";
import { KeyedStage } from "./keyed-stage.js";
import type { BatchOutcome, BatchStageOptions, BatchStageWork, Stage, StageEmit } from "./stage.js";
import { startBatchSpan } from "./start-batch-span.js";
import type { Task } from "./task.js";
import { withoutSensitive } from "./withheld-error.js";

/**
 * A stage that works on all that waits for a key at once: a hot key costs calls, not records. Deliveries without a key wait together.
 *
 * @internal
 */
export function createBatchStage<In, Out>(options: BatchStageOptions<In>, work: BatchStageWork<In, Out>, emit: StageEmit<In, Out>): Stage<In> {
  return new BatchStage(options, work, emit);
}

type Outcomes<Out> = readonly (BatchOutcome<Out> | undefined)[];

class BatchStage<In, Out> extends KeyedStage<In, Out> {
  private pumpQueued = false;

  constructor(
    protected override readonly options: BatchStageOptions<In>,
    private readonly work: BatchStageWork<In, Out>,
    emit: StageEmit<In, Out>,
  ) {
    super(options, emit);
  }

  /** Starts when the call stack is empty, so that what one fetch brought for a key goes together. */
  protected override accept(delivery: EngineDelivery<In>, key: string | null): void {
    this.queue(delivery, key);
    if (this.pumpQueued) return;
    this.pumpQueued = true;
    queueMicrotask(() => {
      this.pumpQueued = false;
      this.pump();
    });
  }

  protected override pump(): void {
    for (let batch = this.nextBatch(); batch !== undefined; batch = this.nextBatch()) {
      const [first] = batch;
      void this.runBatch(batch.filter((task) => this.begins(task))).then(() => {
        this.release(first);
        this.pump();
      });
    }
  }

  protected override async again(delivery: EngineDelivery<In>): Promise<Out> {
    const [outcome] = await this.call([delivery]);
    if (outcome?.ok !== true) throw outcome?.error;
    return outcome.value;
  }

  private nextBatch(): readonly [Task<In>, ...Task<In>[]] | undefined {
    return this.scheduler.nextBatch(this.options.maxBatch, (first, other) => first.delivery.topic === other.delivery.topic);
  }

  private begins(task: Task<In>): boolean {
    if (!task.delivery.mayStart) {
      task.delivery.release(false);
      return false;
    }
    task.delivery.attempt = 1;
    task.delivery.begin();
    this.waited(task);
    this.started(task);
    return true;
  }

  /** One after the other in the order of the batch, so that what one retries comes before what follows it. */
  private async runBatch(tasks: readonly Task<In>[]): Promise<void> {
    const outcomes = await this.outcomes(tasks);
    for (const [index, task] of tasks.entries()) {
      let outcome = outcomes?.[index];
      if (outcome === undefined && task.delivery.mayStart) outcome = (await this.outcomes([task]))?.[0];
      if (outcome === undefined) task.delivery.release(false);
      else if (outcome.ok) {
        task.tellSpans();
        this.pass(task.delivery, outcome.value);
      } else await this.recover(task, outcome.error);
      this.finished(task);
    }
  }

  /** undefined when a call for several threw: nobody can tell which of them failed, so it is no try of any of them. */
  private async outcomes(tasks: readonly Task<In>[]): Promise<Outcomes<Out> | undefined> {
    const [first, ...others] = tasks.map((task) => task.delivery);
    if (first === undefined) return [];
    const hasSpan = others.length > 0 && this.options.hasBatchSpan === true;
    const span = hasSpan ? startBatchSpan(first.run, first.topic, first, others) : undefined;
    try {
      const outcomes = await context.with(span?.context ?? first.context, () => this.call([first, ...others]));
      span?.end();
      return outcomes;
    } catch (error) {
      const contracts = tasks.flatMap(({ delivery }) => delivery.origins.map(({ contract }) => contract));
      span?.end(withoutSensitive(error, contracts));
      return tasks.length === 1 ? [{ ok: false, error }] : undefined;
    }
  }

  private async call(deliveries: readonly EngineDelivery<In>[]): Promise<Outcomes<Out>> {
    const run = deliveries[0]?.run;
    const since = run?.metrics.begin() ?? 0;
    noteWork(run?.group ?? "", this.name);
    let outcomes: Outcomes<Out>;
    try {
      outcomes = await this.limited(deliveries, () => this.work(deliveries));
    } finally {
      run?.metrics.calledBatch(this.name, deliveries.length, since);
    }
    const answered = deliveries.length === 1 && outcomes[0] === undefined ? 0 : outcomes.length;
    if (answered === deliveries.length) return outcomes;
    throw new BusError(
      "handler_failed",
      `${this.options.name} answered ${answered} outcomes for ${deliveries.length} deliveries; it must answer one for each`,
    );
  }
}
