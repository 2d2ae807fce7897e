import { context } from "@opentelemetry/api";
import type { EngineDelivery } from "./engine-delivery.js";
import { KeyedStage } from "./keyed-stage.js";
import { isPromiseLike } from "./promise-like.js";
import type { Stage, StageEmit, StageOptions, StageWork } from "./stage.js";
import { Task } from "./task.js";

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
    try {
      const result = this.call(delivery);
      if (isPromiseLike(result)) this.follow(this.hold(delivery, key), result);
      else this.pass(delivery, result);
    } catch (error) {
      this.follow(this.hold(delivery, key), Promise.reject(error));
    } finally {
      this.inline = false;
    }
    while (this.deferred.length > 0) for (const next of this.deferred.splice(0)) this.push(next);
  }

  private start(task: Task<In>): void {
    this.started(task);
    try {
      const result = this.call(task.delivery);
      if (isPromiseLike(result)) this.follow(task, result);
      else {
        this.pass(task.delivery, result);
        this.end(task);
      }
    } catch (error) {
      this.follow(task, Promise.reject(error));
    }
  }

  private call(delivery: EngineDelivery<In>): Out | PromiseLike<Out> {
    delivery.attempt = 1;
    if (this.options.handlerTimeoutMs === undefined) return context.with(delivery.context, this.work, undefined, delivery);
    return context.with(delivery.context, () => this.again(delivery));
  }

  private hold(delivery: EngineDelivery<In>, key: string | null): Task<In> {
    const task = new Task(delivery, 0);
    this.scheduler.hold(key, task);
    this.started(task);
    return task;
  }

  private follow(task: Task<In>, result: PromiseLike<Out>): void {
    task.delivery.begin();
    const end = () => {
      this.end(task);
      this.pump();
    };
    void Promise.resolve(result).then(
      (value) => {
        this.pass(task.delivery, value);
        end();
      },
      (error: unknown) => this.recover(task, error).then(end),
    );
  }

  private end(task: Task<In>): void {
    this.finished(task);
    this.release(task);
  }
}
