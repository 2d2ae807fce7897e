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
    for (let batch = this.nextBatch(); batch !== undefined; batch = this.nextBatch()) this.start(batch);
  }

  protected override async again(delivery: EngineDelivery<In>): Promise<Out> {
    const [outcome] = this.checked(await this.call([delivery]), 1);
    if (outcome?.ok !== true) throw outcome?.error;
    return outcome.value;
  }

  private nextBatch(): readonly [Task<In>, ...Task<In>[]] | undefined {
    return this.scheduler.nextBatch(this.options.maxBatch, (first, other) => first.delivery.topic === other.delivery.topic);
  }

  private begins(task: Task<In>, now: number): boolean {
    if (!task.delivery.mayStart) {
      task.delivery.release(false);
      return false;
    }
    task.delivery.attempt = 1;
    task.delivery.begin();
    this.waited(task, now);
    this.started(task, now);
    return true;
  }

  /** Two promises a call, whatever its records: where keys are many, a call is for one record. */
  private start(batch: readonly [Task<In>, ...Task<In>[]]): void {
    const [first] = batch;
    const end = () => {
      this.release(first);
      this.pump();
    };
    const now = first.delivery.run.clock.now();
    const tasks = batch.filter((task) => this.begins(task, now));
    void this.together(tasks).then((outcomes) => {
      const done = outcomes === undefined ? 0 : this.passOn(tasks, outcomes);
      if (done === tasks.length) end();
      else void this.seeThrough(tasks.slice(done), outcomes?.slice(done)).then(end);
    });
  }

  /** Passes on what has succeeded, up to the first that has not. Returns how many. */
  private passOn(tasks: readonly Task<In>[], outcomes: Outcomes<Out>): number {
    for (let index = 0; index < tasks.length; index++) {
      const task = tasks[index] as Task<In>;
      const outcome = outcomes[index];
      if (outcome?.ok !== true) return index;
      task.tellSpans();
      this.pass(task.delivery, outcome.value);
      this.finished(task);
    }
    return tasks.length;
  }

  /** One after the other in the order of the batch, so that what one retries comes before what follows it. */
  private async seeThrough(tasks: readonly Task<In>[], outcomes: Outcomes<Out> | undefined): Promise<void> {
    for (const [index, task] of tasks.entries()) {
      let outcome = outcomes?.[index];
      if (outcome === undefined && task.delivery.mayStart) outcome = (await this.together([task]))?.[0];
      if (outcome === undefined) task.delivery.release(false);
      else if (outcome.ok) {
        task.tellSpans();
        this.pass(task.delivery, outcome.value);
      } else await this.recover(task, outcome.error);
      this.finished(task);
    }
  }

  /** undefined when a call for several threw: nobody can tell which of them failed, so it is no try of any of them. Never rejects. */
  private together(tasks: readonly Task<In>[]): Promise<Outcomes<Out> | undefined> {
    const deliveries = tasks.map((task) => task.delivery);
    const [first] = deliveries;
    if (first === undefined) return Promise.resolve([]);
    const hasSpan = deliveries.length > 1 && this.options.hasBatchSpan === true;
    const span = hasSpan ? startBatchSpan(first.run, first.topic, first, deliveries.slice(1)) : undefined;
    const ended = () => noteWork(first.run.group, this.name, "ended");
    const failed = (error: unknown): Outcomes<Out> | undefined => {
      ended();
      const contracts = tasks.flatMap(({ delivery }) => delivery.origins.map(({ contract }) => contract));
      span?.end(withoutSensitive(error, contracts));
      return tasks.length === 1 ? [{ ok: false, error }] : undefined;
    };
    const answered = (outcomes: Outcomes<Out>): Outcomes<Out> | undefined => {
      ended();
      try {
        this.checked(outcomes, tasks.length);
      } catch (error) {
        return failed(error);
      }
      span?.end();
      return outcomes;
    };
    return context.with(span?.context ?? first.context, () => this.call(deliveries)).then(answered, failed);
  }

  private call(deliveries: readonly EngineDelivery<In>[]): Promise<Outcomes<Out>> {
    const run = deliveries[0]?.run;
    const since = run?.metrics.begin() ?? 0;
    noteWork(run?.group ?? "", this.name, "begins");
    let called: Promise<Outcomes<Out>>;
    try {
      called = Promise.resolve(this.limited(deliveries, () => this.work(deliveries)));
    } catch (error) {
      called = Promise.reject(error);
    }
    noteWork(run?.group ?? "", this.name, "returned");
    // only where something is measured
    if (since > 0) {
      const end = () => run?.metrics.calledBatch(this.name, deliveries.length, since);
      called.then(end, end);
    }
    return called;
  }

  /** One outcome for each delivery; one that is alone must have been tried. */
  private checked(outcomes: Outcomes<Out>, deliveries: number): Outcomes<Out> {
    const answered = deliveries === 1 && outcomes[0] === undefined ? 0 : outcomes.length;
    if (answered === deliveries) return outcomes;
    throw new BusError(
      "handler_failed",
      `${this.options.name} answered ${answered} outcomes for ${deliveries} deliveries; it must answer one for each`,
    );
  }
}
