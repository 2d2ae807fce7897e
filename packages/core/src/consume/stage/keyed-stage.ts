import { BusError, messageOf } from "../../errors.js";
import type { Delivery } from "../delivery/delivery.js";
import { type EngineDelivery, engineDelivery } from "../delivery/engine-delivery.js";
import type { PartitionWork } from "../partition/partition-work.js";
import type { AttachedStage, HeldDelivery, RunningKey, RunScope } from "../run/run-scope.js";
import { selectedKeyIdentity } from "./key-identity.js";
import { KeyedScheduler, type Lane } from "./keyed-scheduler.js";
import { limitTry } from "./limit-try.js";
import { recover } from "./recover.js";
import type { Stage, StageEmit, StageOptions } from "./stage.js";
import { Task } from "./task.js";

/** What single and batch stages share: where deliveries wait, and what becomes of those that fail. */
export abstract class KeyedStage<In, Out> implements Stage<In>, AttachedStage {
  protected readonly scheduler: KeyedScheduler<Task<In>>;
  private readonly active = new Set<Task<In>>();
  private run: RunScope | undefined;
  /** As `explain()`, spans and metrics name it. */
  readonly name: string;

  constructor(
    protected readonly options: StageOptions<In>,
    private readonly emit: StageEmit<In, Out>,
  ) {
    this.name = options.functionName ? `${options.name}(${options.functionName})` : options.name;
    this.scheduler = new KeyedScheduler(options.concurrency, isHeldBack);
  }

  get inFlight(): number {
    return this.active.size;
  }

  get calls(): number {
    return this.scheduler.running;
  }

  get overdue(): number {
    let count = 0;
    for (const task of this.active) if (task.state === "overdue") count++;
    return count;
  }

  get waiting(): number {
    return this.scheduler.waiting;
  }

  get keys(): number {
    return this.scheduler.keys;
  }

  push(delivery: Delivery<In>): void {
    const taken = engineDelivery(delivery);
    if (taken.run !== this.run) this.attach(taken.run);
    if (!taken.mayStart) {
      taken.release(false);
      return;
    }
    let key: string | null;
    try {
      key = this.keyOf(taken);
    } catch (error) {
      const failure = new BusError("handler_failed", `the key selector of ${this.options.name} threw: ${messageOf(error)}`, { cause: error });
      this.refuse(taken, failure);
      return;
    }
    this.accept(taken, key);
  }

  reconsider(): void {
    this.scheduler.reconsider();
    this.pump();
  }

  purge(): void {
    for (const task of this.scheduler.remove((waiting) => !waiting.delivery.mayStart)) task.delivery.release(false);
    for (const task of this.active) if (task.delivery.origins.some((origin) => !origin.isActive)) task.wake?.();
  }

  held(work: PartitionWork, slot: number): HeldDelivery | undefined {
    const found = this.find(({ delivery }) => delivery.origins.some((origin) => origin.work === work && origin.slot === slot));
    if (found === undefined) return undefined;
    let waitingBehind = found.lane?.key == null ? 0 : found.lane.length;
    if (found.state === "waiting" && waitingBehind > 0) {
      for (let item = found.lane?.first; item !== undefined && item !== found; item = item.next) waitingBehind--;
      waitingBehind--;
    }
    return {
      stage: this.name,
      key: found.delivery.origin.displayKey,
      state: found.state,
      attempt: found.delivery.attempt,
      since: found.since,
      dueAt: this.dueAt(found),
      lastError: found.lastError === undefined ? undefined : messageOf(found.lastError),
      waitingBehind,
    };
  }

  running(): readonly RunningKey[] {
    const running: RunningKey[] = [];
    for (const task of this.active) {
      const key = task.lane?.key;
      if (key != null) running.push({ key, onEnd: (callback) => task.onEnd(callback) });
    }
    return running;
  }

  /** Runs or queues a delivery of `key`. */
  protected abstract accept(delivery: EngineDelivery<In>, key: string | null): void;
  /** Starts what is eligible. */
  protected abstract pump(): void;
  /** The work for one delivery, anew. */
  protected abstract again(delivery: EngineDelivery<In>): Out | PromiseLike<Out>;

  protected queue(delivery: EngineDelivery<In>, key: string | null): void {
    const now = delivery.run.clock.now();
    const task = new Task(delivery, now, this.name);
    this.scheduler.add(key, task);
    const { lane } = task;
    if (lane?.key == null || (lane.length === 1 && !lane.held)) task.eligibleSince = now;
    if (lane?.key != null && lane.length >= delivery.run.maxWaitingPerKey) for (const { work } of delivery.origins) work.crowd(lane);
  }

  /** `task` begins to run, after it has waited for its turn. */
  protected waited({ since, delivery }: Task<In>, now: number): void {
    delivery.run.metrics.waited(this.name, now - since);
  }

  /** `task` has the slot and its key from `now` on, until `finished`. */
  protected started(task: Task<In>, now: number): void {
    task.enter("running", now);
    this.active.add(task);
  }

  protected finished(task: Task<In>): void {
    this.active.delete(task);
    task.ended();
  }

  /** The call that began with `task` is over: its slot and its key are free. */
  protected release(task: Task<In>): void {
    this.scheduler.release(task);
    const next = task.lane?.key == null ? undefined : task.lane.first;
    if (next !== undefined) next.eligibleSince = next.delivery.run.clock.now();
    this.run?.callEnded();
  }

  /** Passes the result of a delivery on, unless the delivery has become void meanwhile. */
  protected pass(delivery: EngineDelivery<In>, result: Out): void {
    if (!delivery.mayGoOn) {
      delivery.release(false);
      return;
    }
    try {
      this.emit(delivery, result);
    } catch (error) {
      delivery.run.restart(BusError.from(error, "handler_failed"));
    }
  }

  /** A try of the work, as long as it may take. */
  protected limited<T>(deliveries: readonly EngineDelivery<In>[], work: () => T | PromiseLike<T>): T | PromiseLike<T> {
    const { name, handlerTimeoutMs: timeoutMs } = this.options;
    return limitTry(deliveries, { name, timeoutMs, onOverdue: () => this.markOverdue(deliveries) }, work);
  }

  /** Sees a failed delivery through to its end: a later try succeeds and its result is passed on, or it is a dead letter, or the stream stops. */
  protected async recover(task: Task<In>, error: unknown): Promise<void> {
    const recovered = await recover(task, error, this.options.name, () => this.again(task.delivery));
    if (!recovered.ok) return;
    task.tellSpans();
    this.pass(task.delivery, recovered.value);
  }

  private refuse(delivery: EngineDelivery<In>, error: BusError): void {
    const task = new Task(delivery, delivery.run.clock.now(), this.name);
    this.scheduler.hold(null, task);
    this.started(task, delivery.run.clock.now());
    delivery.begin();
    void this.recover(task, error).then(() => {
      this.finished(task);
      this.release(task);
      this.pump();
    });
  }

  private keyOf(delivery: EngineDelivery<In>): string | null {
    const { order, keyOf } = this.options;
    if (order === "none") return null;
    if (order === "partition") return `${delivery.topic}[${delivery.partition}]`;
    return keyOf === undefined ? delivery.origin.keyIdentity : selectedKeyIdentity(keyOf(delivery));
  }

  private attach(run: RunScope): void {
    this.run = run;
    run.attach(this);
    for (const key of new Set(run.leftovers.map((leftover) => leftover.key))) {
      const running = run.leftovers.filter((leftover) => leftover.key === key);
      const unblock = this.scheduler.block(key);
      let left = running.length;
      for (const leftover of running) {
        leftover.onEnd(() => {
          if (--left > 0) return;
          unblock();
          this.pump();
        });
      }
    }
  }

  private markOverdue(deliveries: readonly EngineDelivery<In>[]): void {
    for (const task of this.active) if (deliveries.includes(task.delivery)) task.enter("overdue", task.delivery.run.clock.now());
  }

  /** When it is tried again; of one that waits, when what has its key is, or where nothing has, the first of those that have the slots. */
  private dueAt(task: Task<In>): number | undefined {
    if (task.state !== "waiting") return task.dueAt;
    const { lane } = task;
    const ofKey = lane?.key == null ? [] : [...this.active].filter((other) => other.lane === lane);
    const before = ofKey.length > 0 ? ofKey : [...this.active];
    const due = before.flatMap(({ dueAt }) => dueAt ?? []);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  private find(wanted: (task: Task<In>) => boolean): Task<In> | undefined {
    for (const task of this.active) if (wanted(task)) return task;
    for (const task of this.scheduler.items()) if (wanted(task)) return task;
    return undefined;
  }
}

/**
 * Beyond the ceiling of its partition. Not where others wait behind it that are of another partition: two such lanes could wait for each other.
 */
function isHeldBack<In>({ delivery }: Task<In>, lane: Lane<Task<In>>): boolean {
  if (!delivery.isBeyondCeiling) return false;
  if (lane.key === null) return true;
  for (let task = lane.first; task !== undefined; task = task.next) if (task.delivery.origin.work !== delivery.origin.work) return false;
  return true;
}
