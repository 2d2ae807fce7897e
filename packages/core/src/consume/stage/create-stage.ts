import { type Context, context } from "@opentelemetry/api";
import { noteWork } from "../../health/current-work.js";
import type { StreamMetrics } from "../../metrics/stream-metrics.js";
import type { EngineDelivery } from "../delivery/engine-delivery.js";
import { KeyedStage } from "./keyed-stage.js";
import { isPromiseLike } from "./promise-like.js";
import type { Stage, StageEmit, StageOptions, StageWork } from "./stage.js";
import { noTimes, Task } from "./task.js";

/**
 * A stage that works on one delivery per call. Work that answers without a promise, on a key that nothing holds, runs and is passed on
 * within `push`, without being queued.
 *
 * @internal
 */
export function createStage<In, Out>(options: StageOptions<In>, work: StageWork<In, Out>, emit: StageEmit<In, Out>): Stage<In> {
  return new SingleStage(options, work, emit);
}

class SingleStage<In, Out> extends KeyedStage<In, Out> {
  /** Deliveries pushed from within a call that runs inline: they come after it. */
  private readonly deferred: EngineDelivery<In>[] = [];
  private inline = false;

  constructor(
    options: StageOptions<In>,
    private readonly work: StageWork<In, Out>,
    emit: StageEmit<In, Out>,
  ) {
    super(options, emit);
  }

  protected override accept(delivery: EngineDelivery<In>, key: string | null): void {
    if (this.inline) this.deferred.push(delivery);
    else if (this.scheduler.isFree(key) && !delivery.isBeyondCeiling) this.runInline(delivery, key);
    else this.queue(delivery, key);
  }

  protected override pump(): void {
    for (let task = this.scheduler.next(); task !== undefined; task = this.scheduler.next()) {
      if (task.delivery.mayStart) this.start(task);
      else {
        task.delivery.release(false);
        this.scheduler.release(task);
      }
    }
  }

  protected override again(delivery: EngineDelivery<In>): Out | PromiseLike<Out> {
    return this.limited([delivery], () => this.work(delivery));
  }

  private runInline(delivery: EngineDelivery<In>, key: string | null): void {
    this.inline = true;
    let startedAt: number | undefined;
    delivery.run.metrics.waited(this.name, 0);
    try {
      // its span begins here
      const where = delivery.context;
      if (delivery.isTraced) startedAt = delivery.run.clock.now();
      const result = this.call(delivery, where);
      if (isPromiseLike(result)) this.follow(this.hold(delivery, key, startedAt), result);
      else {
        if (startedAt !== undefined) this.tellSpans(delivery, startedAt);
        this.pass(delivery, result);
      }
    } catch (error) {
      this.follow(this.hold(delivery, key, startedAt), Promise.reject(error));
    } finally {
      this.inline = false;
    }
    while (this.deferred.length > 0) for (const next of this.deferred.splice(0)) this.push(next);
  }

  private start(task: Task<In>): void {
    const now = task.delivery.run.clock.now();
    this.waited(task, now);
    this.started(task, now);
    try {
      const result = this.call(task.delivery, task.delivery.context);
      if (isPromiseLike(result)) this.follow(task, result);
      else {
        task.tellSpans();
        this.pass(task.delivery, result);
        this.end(task);
      }
    } catch (error) {
      this.follow(task, Promise.reject(error));
    }
  }

  private call(delivery: EngineDelivery<In>, where: Context): Out | PromiseLike<Out> {
    delivery.attempt = 1;
    const { group, metrics } = delivery.run;
    noteWork(group, this.name, "begins");
    const since = metrics.begin();
    const isLimited = this.options.handlerTimeoutMs !== undefined;
    // without an SDK there is one context, and nothing to switch
    const work = isLimited ? () => this.again(delivery) : this.work;
    const result = context.active() === where ? work(delivery) : context.with(where, work, undefined, delivery);
    noteWork(group, this.name, "returned");
    // only where something is measured
    if (since > 0) this.measure(metrics, since, result);
    return result;
  }

  private measure(metrics: StreamMetrics, since: number, result: Out | PromiseLike<Out>): void {
    const end = () => metrics.called(this.name, since);
    if (isPromiseLike(result)) void Promise.resolve(result).then(end, end);
    else end();
  }

  /** @param startedAt when its work began, where that is known */
  private hold(delivery: EngineDelivery<In>, key: string | null, startedAt = delivery.run.clock.now()): Task<In> {
    const task = new Task(delivery, startedAt, this.name);
    this.scheduler.hold(key, task);
    this.started(task, startedAt);
    return task;
  }

  /** Of work that was done at once. */
  private tellSpans(delivery: EngineDelivery<In>, startedAt: number): void {
    const handlerMs = delivery.run.clock.now() - startedAt;
    if (handlerMs > 0) for (const origin of delivery.origins) origin.passed({ ...noTimes, stage: this.name, handlerMs });
  }

  private follow(task: Task<In>, result: PromiseLike<Out>): void {
    task.delivery.begin();
    const end = () => {
      this.end(task);
      this.pump();
    };
    const ended = () => noteWork(task.delivery.run.group, this.name, "ended");
    void Promise.resolve(result).then(
      (value) => {
        ended();
        task.tellSpans();
        this.pass(task.delivery, value);
        end();
      },
      (error: unknown) => {
        ended();
        return this.recover(task, error).then(end);
      },
    );
  }

  private end(task: Task<In>): void {
    this.finished(task);
    this.release(task);
  }
}
