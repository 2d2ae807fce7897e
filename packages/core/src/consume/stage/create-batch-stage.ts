import { context } from "@opentelemetry/api";
import { BusError } from "../../errors.js";
import { noteWork } from "../../health/current-work.js";
import type { EngineDelivery } from "../delivery/engine-delivery.js";
import { KeyedStage } from "./keyed-stage.js";
import type { BatchCall, BatchOutcome, BatchStageOptions, BatchStageWork, Stage, StageEmit } from "./stage.js";
import { startBatchSpan } from "./start-batch-span.js";
import type { Task } from "./task.js";
import { withoutSensitive } from "./withheld-error.js";

/**
 * A stage that works on all that waits for a key at once: a hot key costs calls, not records. Deliveries without a key wait together.
 *
 * @internal
 */
export function createBatchStage<In, Out>(options: BatchStageOptions<In>, work: BatchStageWork<In, Out>, emit: StageEmit<In, Out>): Stage<In> {
  return createCallStage<In, Out>(
    options,
    (call) => {
      let outcomes: ReturnType<typeof work>;
      try {
        outcomes = work(call.deliveries);
      } catch (error) {
        outcomes = Promise.reject(error);
      }
      void Promise.resolve(outcomes).then(
        (answered) => call.answer(answered),
        (error: unknown) => call.fail(error),
      );
    },
    emit,
  );
}

/**
 * The same for work that calls back. Where keys are many, a call is for one record, and promises for it would cost more than all else that the stage does.
 *
 * @internal
 */
export function createCallStage<In, Out>(
  options: BatchStageOptions<In>,
  work: (call: BatchCall<In, Out>) => void,
  emit: StageEmit<In, Out>,
): Stage<In> {
  return new BatchStage(options, work, emit);
}

type Outcomes<Out> = readonly (BatchOutcome<Out> | undefined)[];

class BatchStage<In, Out> extends KeyedStage<In, Out> {
  private pumpQueued = false;
  private isPumping = false;

  constructor(
    protected override readonly options: BatchStageOptions<In>,
    private readonly work: (call: BatchCall<In, Out>) => void,
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

  /** Calls may be answered within it: what is free then, the loop that is running takes. */
  protected override pump(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    try {
      for (let batch = this.nextBatch(); batch !== undefined; batch = this.nextBatch()) this.start(batch);
    } finally {
      this.isPumping = false;
    }
  }

  protected override again(delivery: EngineDelivery<In>): Promise<Out> {
    return new Promise((resolve, reject) => {
      const answered = ([outcome]: Outcomes<Out>) => {
        if (outcome?.ok === true) resolve(outcome.value);
        else reject(outcome?.error);
      };
      this.call([delivery], answered, reject);
    });
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

  private start(batch: readonly [Task<In>, ...Task<In>[]]): void {
    const [first] = batch;
    const end = () => {
      this.release(first);
      this.pump();
    };
    const now = first.delivery.run.clock.now();
    const tasks = batch.filter((task) => this.begins(task, now));
    this.together(tasks, (outcomes) => {
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
      if (outcome === undefined && task.delivery.mayStart)
        outcome = (await new Promise<Outcomes<Out> | undefined>((over) => this.together([task], over)))?.[0];
      if (outcome === undefined) task.delivery.release(false);
      else if (outcome.ok) {
        task.tellSpans();
        this.pass(task.delivery, outcome.value);
      } else await this.recover(task, outcome.error);
      this.finished(task);
    }
  }

  /** @param over called with undefined when a call for several threw: nobody can tell which of them failed, so it is no try of any of them */
  private together(tasks: readonly Task<In>[], over: (outcomes: Outcomes<Out> | undefined) => void): void {
    const deliveries = tasks.map((task) => task.delivery);
    const [first] = deliveries;
    if (first === undefined) {
      over([]);
      return;
    }
    const hasSpan = deliveries.length > 1 && this.options.hasBatchSpan === true;
    const span = hasSpan ? startBatchSpan(first.run, first.topic, first, deliveries.slice(1)) : undefined;
    const answered = (outcomes: Outcomes<Out>): void => {
      noteWork(first.run.group, this.name, "ended");
      span?.end();
      over(outcomes);
    };
    const failed = (error: unknown): void => {
      noteWork(first.run.group, this.name, "ended");
      const contracts = tasks.flatMap(({ delivery }) => delivery.origins.map(({ contract }) => contract));
      span?.end(withoutSensitive(error, contracts));
      over(tasks.length === 1 ? [{ ok: false, error }] : undefined);
    };
    const where = span?.context ?? first.context;
    // without an SDK there is one context, and nothing to switch
    if (context.active() === where) this.call(deliveries, answered, failed);
    else context.with(where, () => this.call(deliveries, answered, failed));
  }

  private call(deliveries: readonly EngineDelivery<In>[], answered: (outcomes: Outcomes<Out>) => void, failed: (error: unknown) => void): void {
    const run = deliveries[0]?.run;
    const since = run?.metrics.begin() ?? 0;
    noteWork(run?.group ?? "", this.name, "begins");
    // only where something is measured
    const measured = () => since > 0 && run?.metrics.calledBatch(this.name, deliveries.length, since);
    let isOver = false;
    const fail = (error: unknown): void => {
      if (isOver) return;
      isOver = true;
      measured();
      failed(error);
    };
    const answer = (outcomes: Outcomes<Out>): void => {
      const fault = this.faultOf(outcomes, deliveries.length);
      if (fault !== undefined) fail(fault);
      if (isOver) return;
      isOver = true;
      measured();
      answered(outcomes);
    };
    try {
      if (this.options.handlerTimeoutMs === undefined) this.work({ deliveries, answer, fail });
      else void Promise.resolve(this.limited(deliveries, () => this.promised(deliveries))).then(answer, fail);
    } catch (error) {
      fail(error);
    }
    noteWork(run?.group ?? "", this.name, "returned");
  }

  private promised(deliveries: readonly EngineDelivery<In>[]): Promise<Outcomes<Out>> {
    return new Promise((answer, fail) => this.work({ deliveries, answer, fail }));
  }

  /** One outcome for each delivery; one that is alone must have been tried. */
  private faultOf(outcomes: Outcomes<Out>, deliveries: number): BusError | undefined {
    // user code may answer anything
    const isAnswer = Array.isArray(outcomes) && (deliveries > 1 || outcomes[0] !== undefined);
    const answered = isAnswer ? outcomes.length : 0;
    if (answered === deliveries) return undefined;
    return new BusError(
      "handler_failed",
      `${this.options.name} answered ${answered} outcomes for ${deliveries} deliveries; it must answer one for each`,
    );
  }
}
