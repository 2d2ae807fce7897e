import { Turns } from "./turns.js";

/** What the scheduler runs. It links itself into its lane, so that waiting costs no further allocation. */
export interface Schedulable<T> {
  next: T | undefined;
  lane: Lane<T> | undefined;
}

/** What waits for one key. One without a key (`key` is null) has no order to keep and never excludes. */
export interface Lane<T> {
  readonly key: string | null;
  first: T | undefined;
  last: T | undefined;
  length: number;
  /** One of its items runs, so no other may. */
  held: boolean;
}

function newLane<T>(key: string | null): Lane<T> {
  return { key, first: undefined, last: undefined, length: 0, held: false };
}

function append<T extends Schedulable<T>>(lane: Lane<T>, item: T): void {
  if (lane.last === undefined) lane.first = item;
  else lane.last.next = item;
  lane.last = item;
  lane.length++;
}

/**
 * Runs at most `concurrency` items at once, never two of one key, first in first out within a key, round-robin over keys. There is no batch
 * barrier: whatever slot is free takes the next eligible key at once. Items with the key null have no order between them.
 */
export class KeyedScheduler<T extends Schedulable<T>> {
  private readonly lanes = new Map<string, Lane<T>>();
  private readonly keyless: Lane<T> = newLane(null);
  /** What is held back: lanes with their first item, and items without a key. They wait for `reconsider`. */
  private heldBack: Lane<T>[] = [];
  private readonly keylessHeldBack: Lane<T> = newLane(null);
  /** Lanes with something to run, in the order of their turns. */
  private readonly ready = new Turns<Lane<T>>();
  private runningCount = 0;
  private waitingCount = 0;

  /** @param isHeldBack whether an item must not start for now, although it is its turn; `lane` is where it waits */
  constructor(
    private readonly concurrency: number,
    private readonly isHeldBack: (item: T, lane: Lane<T>) => boolean = () => false,
  ) {}

  get running(): number {
    return this.runningCount;
  }

  get waiting(): number {
    return this.waitingCount;
  }

  /** Keys of which an item runs or waits. */
  get keys(): number {
    return this.lanes.size;
  }

  /** Whether an item of `key` may run at once: a slot is free, and nothing of that key runs or waits. */
  isFree(key: string | null): boolean {
    return this.runningCount < this.concurrency && (key === null || this.lanes.size === 0 || !this.lanes.has(key));
  }

  /** Runs `item` at once, past the queue: only where `isFree(key)`, or for work that runs already. */
  hold(key: string | null, item: T): void {
    this.runningCount++;
    if (key === null) {
      item.lane = this.keyless;
      return;
    }
    const lane = newLane<T>(key);
    lane.held = true;
    item.lane = lane;
    this.lanes.set(key, lane);
  }

  /** Queues `item`; `next` gives it out when its turn has come. */
  add(key: string | null, item: T): void {
    const lane = this.laneOf(key);
    item.lane = lane;
    this.put(lane, item);
    if (lane.length === 1 && !lane.held) this.ready.push(lane);
  }

  /** Starts the next item, if a slot is free and one is eligible. It runs until it is released. */
  next(): T | undefined {
    const lane = this.nextLane();
    if (lane === undefined) return undefined;
    const item = this.take(lane) as T;
    this.started(lane);
    return item;
  }

  /** As `next`, with up to `max` items of that key that go together with the first. They are released by their first. */
  nextBatch(max: number, together: (first: T, other: T) => boolean): readonly [T, ...T[]] | undefined {
    const lane = this.nextLane();
    if (lane === undefined) return undefined;
    const first = this.take(lane) as T;
    const batch: [T, ...T[]] = [first];
    while (batch.length < max && lane.first !== undefined && together(first, lane.first) && !this.isHeldBack(lane.first, lane)) {
      batch.push(this.take(lane) as T);
    }
    this.started(lane);
    return batch;
  }

  /** A running item has ended: its slot and its key are free. */
  release(item: T): void {
    this.runningCount--;
    const lane = item.lane;
    if (lane !== undefined && lane.key !== null) this.free(lane.key, lane);
  }

  /** Keeps `key` from running, without taking a slot, until the returned function is called. Only for a key that is not known yet. */
  block(key: string): () => void {
    const lane = this.laneOf(key);
    lane.held = true;
    return () => this.free(key, lane);
  }

  /** What was held back may start now, or is held back anew. */
  reconsider(): void {
    for (const lane of this.heldBack.splice(0)) this.ready.push(lane);
    const wasEmpty = this.keyless.first === undefined;
    for (let item = this.take(this.keylessHeldBack); item !== undefined; item = this.take(this.keylessHeldBack)) this.put(this.keyless, item);
    if (wasEmpty && this.keyless.first !== undefined) this.ready.push(this.keyless);
  }

  /** Takes out and returns all waiting items for which `gone` answers true. */
  remove(gone: (item: T) => boolean): T[] {
    const removed: T[] = [];
    for (const lane of this.allLanes()) this.removeFrom(lane, gone, removed);
    this.ready.retain((lane) => lane.first !== undefined);
    this.heldBack = this.heldBack.filter((lane) => lane.first !== undefined);
    return removed;
  }

  /** All waiting items. */
  *items(): Iterable<T> {
    for (const lane of this.allLanes()) {
      for (let item = lane.first; item !== undefined; item = item.next) yield item;
    }
  }

  private allLanes(): readonly Lane<T>[] {
    return [this.keyless, this.keylessHeldBack, ...this.lanes.values()];
  }

  /** The next lane whose first item may start, if a slot is free. */
  private nextLane(): Lane<T> | undefined {
    if (this.runningCount >= this.concurrency) return undefined;
    for (let lane = this.ready.shift(); lane !== undefined; lane = this.ready.shift()) {
      if (!this.isHeldBack(lane.first as T, lane)) return lane;
      if (lane.key !== null) this.heldBack.push(lane);
      else {
        this.put(this.keylessHeldBack, this.take(lane) as T);
        if (lane.first !== undefined) this.ready.push(lane);
      }
    }
    return undefined;
  }

  private put(lane: Lane<T>, item: T): void {
    item.next = undefined;
    append(lane, item);
    this.waitingCount++;
  }

  private free(key: string, lane: Lane<T>): void {
    lane.held = false;
    if (lane.first === undefined) this.lanes.delete(key);
    else this.ready.push(lane);
  }

  private laneOf(key: string | null): Lane<T> {
    if (key === null) return this.keyless;
    let lane = this.lanes.get(key);
    if (lane === undefined) {
      lane = newLane(key);
      this.lanes.set(key, lane);
    }
    return lane;
  }

  private take(lane: Lane<T>): T | undefined {
    const item = lane.first;
    if (item === undefined) return undefined;
    lane.first = item.next;
    if (lane.first === undefined) lane.last = undefined;
    item.next = undefined;
    lane.length--;
    this.waitingCount--;
    return item;
  }

  private started(lane: Lane<T>): void {
    this.runningCount++;
    if (lane.key !== null) lane.held = true;
    else if (lane.first !== undefined) this.ready.push(lane);
  }

  private removeFrom(lane: Lane<T>, gone: (item: T) => boolean, removed: T[]): void {
    const kept: T[] = [];
    for (let item = this.take(lane); item !== undefined; item = this.take(lane)) (gone(item) ? removed : kept).push(item);
    for (const item of kept) this.put(lane, item);
    if (lane.key !== null && lane.first === undefined && !lane.held) this.lanes.delete(lane.key);
  }
}
