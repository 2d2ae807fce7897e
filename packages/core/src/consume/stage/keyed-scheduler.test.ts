import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyedScheduler, type Lane, type Schedulable } from "./keyed-scheduler.js";

class Item implements Schedulable<Item> {
  next: Item | undefined;
  lane: Lane<Item> | undefined;
  constructor(
    readonly key: string | null,
    readonly id: number,
  ) {}
}

/** What the scheduler means: a list of what waits, a list of what runs, and whose turn it is, each gone through from the front. */
class SchedulerModel {
  readonly waiting: Item[] = [];
  readonly running: Item[][] = [];
  /** Keys in the order of their turns; null stands for all items without a key. */
  readonly turns: (string | null)[] = [];

  constructor(private readonly concurrency: number) {}

  private runs(key: string | null): boolean {
    return key !== null && this.running.some(([first]) => first?.key === key);
  }
  isFree(key: string | null): boolean {
    const known = key !== null && (this.runs(key) || this.waiting.some((item) => item.key === key));
    return this.running.length < this.concurrency && !known;
  }
  hold(item: Item) {
    this.running.push([item]);
  }
  add(item: Item) {
    this.waiting.push(item);
    this.takeTurn(item.key);
  }
  next(max: number): Item[] | undefined {
    if (this.running.length >= this.concurrency || this.turns.length === 0) return undefined;
    const key = this.turns.shift() as string | null;
    const batch = this.waiting.filter((item) => item.key === key).slice(0, max);
    for (const item of batch) this.waiting.splice(this.waiting.indexOf(item), 1);
    this.running.push(batch);
    this.takeTurn(key);
    return batch;
  }
  release(batch: Item[]) {
    this.running.splice(this.running.indexOf(batch), 1);
    const [first] = batch;
    if (first !== undefined && first.key !== null) this.takeTurn(first.key);
  }
  remove(gone: (item: Item) => boolean): Item[] {
    const removed = this.waiting.filter(gone);
    for (const item of removed) this.waiting.splice(this.waiting.indexOf(item), 1);
    const stale = this.turns.filter((key) => !this.waiting.some((item) => item.key === key));
    for (const key of stale) this.turns.splice(this.turns.indexOf(key), 1);
    return removed;
  }
  /** A key that has something to run, may run, and has no turn yet gets the last one. */
  private takeTurn(key: string | null) {
    if (this.waiting.some((item) => item.key === key) && !this.runs(key) && !this.turns.includes(key)) this.turns.push(key);
  }
}

const key = fc.constantFrom(null, "a", "b", "c", "d");
const stepKinds = [
  { weight: 4, arbitrary: fc.record({ do: fc.constant("push" as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("next" as const), max: fc.integer({ min: 1, max: 4 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), every: fc.integer({ min: 1, max: 3 }) }) },
] as const;
const steps = fc.array(fc.oneof(...stepKinds), { maxLength: 200, size: "max" });

describe("KeyedScheduler", () => {
  it("does what the model does", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), steps, (concurrency, run) => {
        const scheduler = new KeyedScheduler<Item>(concurrency);
        const model = new SchedulerModel(concurrency);
        let id = 0;
        for (const step of run) {
          if (step.do === "push") {
            const item = new Item(step.key, id++);
            expect(scheduler.isFree(step.key)).toBe(model.isFree(step.key));
            if (scheduler.isFree(step.key)) {
              scheduler.hold(step.key, item);
              model.hold(item);
            } else {
              scheduler.add(step.key, item);
              model.add(item);
            }
          } else if (step.do === "next") {
            const expected = model.next(step.max);
            if (step.max === 1) expect(scheduler.next()).toBe(expected?.[0]);
            else expect(scheduler.nextBatch(step.max, () => true)).toEqual(expected);
          } else if (step.do === "release") {
            const batch = model.running[step.which % Math.max(1, model.running.length)];
            if (batch?.[0] === undefined) continue;
            model.release(batch);
            scheduler.release(batch[0]);
          } else {
            const gone = (item: Item) => item.id % step.every === 0;
            const byId = (items: Item[]) => items.map((item) => item.id).sort((a, b) => a - b);
            expect(byId(scheduler.remove(gone))).toEqual(byId(model.remove(gone)));
          }
          const found = [scheduler.running, scheduler.waiting, [...scheduler.items()].length];
          expect(found).toEqual([model.running.length, model.waiting.length, model.waiting.length]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("takes a batch only as far as its items go together", () => {
    const scheduler = new KeyedScheduler<Item>(1);
    for (let id = 0; id < 6; id++) scheduler.add("a", new Item("a", id));
    const batch = scheduler.nextBatch(10, (first, other) => Math.floor(first.id / 3) === Math.floor(other.id / 3));
    expect(batch?.map((item) => item.id)).toEqual([0, 1, 2]);
  });

  it("keeps a blocked key from running until it is freed, without taking a slot", () => {
    const scheduler = new KeyedScheduler<Item>(1);
    const free = scheduler.block("a");
    scheduler.add("a", new Item("a", 0));
    expect(scheduler.isFree("a")).toBe(false);
    expect(scheduler.isFree("b")).toBe(true);
    expect(scheduler.next()).toBeUndefined();
    free();
    expect(scheduler.next()?.id).toBe(0);
  });

  it("starts nothing that is held back, keeps the order of each key, and starts all of it once it is not held back any more", () => {
    const held = fc.record({ do: fc.constant("limit" as const), below: fc.nat(60) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.oneof(held, ...stepKinds), { maxLength: 150, size: "max" }), (concurrency, run) => {
        let limit = Number.POSITIVE_INFINITY;
        const scheduler = new KeyedScheduler<Item>(concurrency, (item) => item.id > limit);
        const waiting = new Set<Item>();
        const running: Item[][] = [];
        const ranOf = new Map<string, number>();
        const start = (max: number) => {
          const batch = max === 1 ? [scheduler.next()].filter((item) => item !== undefined) : (scheduler.nextBatch(max, () => true) ?? []);
          if (batch.length > 0) running.push([...batch]);
          for (const item of batch) {
            expect(item.id).toBeLessThanOrEqual(limit);
            expect(waiting.delete(item)).toBe(true);
            if (item.key === null) continue;
            expect(item.id).toBeGreaterThan(ranOf.get(item.key) ?? -1);
            ranOf.set(item.key, item.id);
          }
          return batch.length > 0;
        };
        const release = (which: number) => {
          const [batch] = running.splice(which % Math.max(1, running.length), 1);
          if (batch?.[0] !== undefined) scheduler.release(batch[0]);
        };
        const remove = (every: number) => {
          for (const item of scheduler.remove(({ id: each }) => each % every === 0)) waiting.delete(item);
        };
        let id = 0;
        for (const step of run) {
          if (step.do === "push") {
            const item = new Item(step.key, id++);
            waiting.add(item);
            scheduler.add(step.key, item);
          } else if (step.do === "next") start(step.max);
          else if (step.do === "release") release(step.which);
          else if (step.do === "remove") remove(step.every);
          else {
            limit = step.below;
            scheduler.reconsider();
          }
          expect(scheduler.waiting).toBe(waiting.size);
          expect(new Set(scheduler.items())).toEqual(waiting);
        }
        limit = Number.POSITIVE_INFINITY;
        scheduler.reconsider();
        while (running.length > 0 || waiting.size > 0) if (!start(2)) release(0);
      }),
      { numRuns: 150 },
    );
  });
});
