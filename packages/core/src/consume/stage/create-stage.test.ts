import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Gate, until } from "../../testing/consume-setup.js";
import { createStageBench } from "../../testing/stage-setup.js";
import { settle } from "../delivery/engine-delivery.js";
import { createStage } from "./create-stage.js";

const inKeyOrder = { name: "test", concurrency: Number.POSITIVE_INFINITY, order: "key" } as const;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("createStage", () => {
  it("passes the result of synchronous work on within push", () => {
    const bench = createStageBench();
    const out: number[] = [];
    const stage = createStage<number, number>(
      inKeyOrder,
      (delivery) => delivery.value * 2,
      (_, result) => out.push(result),
    );
    stage.push(bench.delivery("a", 1));
    stage.push(bench.delivery("a", 2));
    expect(out).toEqual([2, 4]);
    expect([stage.inFlight, stage.waiting]).toEqual([0, 0]);
  });

  it("queues synchronous work behind asynchronous work of its key, and not behind that of others", async () => {
    const bench = createStageBench();
    const gate = new Gate<string>();
    const out: string[] = [];
    const stage = createStage<string, unknown>(
      inKeyOrder,
      (delivery) => (delivery.value === "slow" ? gate.pass("slow") : undefined),
      (delivery) => out.push(delivery.value),
    );
    stage.push(bench.delivery("a", "slow"));
    stage.push(bench.delivery("a", "after"));
    stage.push(bench.delivery("b", "other"));
    expect(out).toEqual(["other"]);
    expect([stage.inFlight, stage.waiting]).toEqual([1, 1]);
    gate.open();
    await until(() => stage.inFlight === 0);
    expect(out).toEqual(["other", "slow", "after"]);
  });

  it("takes what is pushed from within its own work after that work", () => {
    const bench = createStageBench();
    const out: string[] = [];
    const stage = createStage<string, unknown>(
      inKeyOrder,
      (delivery) => {
        if (delivery.value === "outer") stage.push(bench.delivery("a", "inner"));
      },
      (delivery) => out.push(delivery.value),
    );
    stage.push(bench.delivery("a", "outer"));
    expect(out).toEqual(["outer", "inner"]);
  });

  it("holds the key while it tries again, and lets others go on", async () => {
    const bench = createStageBench();
    const out: string[] = [];
    const stage = createStage<string, unknown>(
      { ...inKeyOrder, concurrency: 2 },
      async (delivery) => {
        if (delivery.value === "shaky" && delivery.attempt < 3) throw new Error("no luck");
      },
      (delivery) => {
        out.push(`${delivery.value} ${delivery.attempt}`);
        settle(delivery);
      },
    );
    for (const [key, value] of [
      ["a", "shaky"],
      ["a", "after"],
      ["b", "other"],
    ] as const)
      stage.push(bench.delivery(key, value));
    await until(() => out.length === 3);
    expect(out).toEqual(["other 1", "shaky 3", "after 1"]);
    expect(bench.work.ledger.unsettled).toBe(0);
    expect(bench.deadLetters).toEqual([]);
    await until(() => bench.work.inFlight === 0);
  });

  it("keeps order by partition, by selected keys, or not at all", async () => {
    const started = async (options: Partial<Parameters<typeof createStage<string, unknown>>[0]>) => {
      const bench = createStageBench();
      const gate = new Gate<string>();
      const stage = createStage<string, unknown>({ ...inKeyOrder, ...options }, (delivery) => gate.pass(delivery.value), settle);
      for (const [key, value] of [
        ["a", "1"],
        ["b", "2"],
        ["a", "3"],
        [null, "4"],
        [null, "5"],
      ] as const)
        stage.push(bench.delivery(key, value));
      return gate.entered.join("");
    };
    expect(await started({})).toBe("1245");
    expect(await started({ order: "partition" })).toBe("1");
    expect(await started({ order: "none" })).toBe("12345");
    expect(await started({ order: "none", concurrency: 2 })).toBe("12");
    expect(await started({ keyOf: ({ value }) => Number(value) % 2 })).toBe("12");
    expect(await started({ keyOf: ({ value }) => (value === "1" ? 1 : value === "2" ? "1" : 1n) })).toBe("123");
    expect(await started({ keyOf: () => null })).toBe("12345");
  });

  it("sends what its key selector refuses to the dead letter, without another try", async () => {
    const bench = createStageBench();
    const keyOf = () => {
      throw new Error("no such field");
    };
    const stage = createStage<string, unknown>({ ...inKeyOrder, keyOf }, () => {}, settle);
    stage.push(bench.delivery("a", "1"));
    await until(() => bench.work.ledger.unsettled === 0);
    const [letter] = bench.deadLetters;
    expect(new TextDecoder().decode(letter?.headers["bus-dlq-error-message"] as Uint8Array)).toBe("the key selector of test threw: no such field");
    expect(new TextDecoder().decode(letter?.headers["bus-dlq-attempts"] as Uint8Array)).toBe("1");
  });

  it("begins nothing of a partition that drains, and lets what has begun go on to the next stage", async () => {
    const bench = createStageBench();
    const gate = new Gate<string>();
    const second = createStage<string, unknown>(inKeyOrder, (delivery) => gate.pass(`second ${delivery.value}`), settle);
    const first = createStage<string, unknown>(
      inKeyOrder,
      (delivery) => gate.pass(`first ${delivery.value}`),
      (delivery) => second.push(delivery),
    );
    for (const value of ["1", "2", "3"]) first.push(bench.delivery("a", value));
    let drained = false;
    void bench.work.drain().then(() => {
      drained = true;
    });
    for (const stage of bench.stages) stage.purge();
    first.push(bench.delivery("b", "late"));
    expect([first.inFlight, first.waiting]).toEqual([1, 0]);
    gate.open();
    await until(() => gate.inside === 1);
    expect(drained).toBe(false);
    gate.open();
    await until(() => drained);
    expect(gate.entered).toEqual(["first 1", "second 1"]);
    expect(bench.work.ledger.frontier).toBe(1);
  });

  it("does not make a drain wait for the time between two tries", async () => {
    const bench = createStageBench(3, 1_000_000);
    const gate = new Gate<string>();
    const stage = createStage<string, unknown>(inKeyOrder, (delivery) => gate.pass(delivery.value), settle);
    stage.push(bench.delivery("a", "before"));
    gate.fail(new Error("no luck"));
    await until(() => bench.work.inFlight === 1);
    stage.push(bench.delivery("b", "after"));
    const drained = bench.work.drain();
    for (const attached of bench.stages) attached.purge();
    gate.fail(new Error("no luck"));
    await drained;
    await until(() => stage.inFlight === 0);
    expect(bench.work.ledger.frontier).toBe(0);
  });

  it("passes nothing on and settles nothing once it is fenced", async () => {
    const bench = createStageBench();
    const gate = new Gate<string>();
    const out: string[] = [];
    const stage = createStage<string, unknown>(
      inKeyOrder,
      (delivery) => gate.pass(delivery.value),
      (delivery) => out.push(delivery.value),
    );
    const delivery = bench.delivery("a", "1");
    stage.push(delivery);
    const { signal } = delivery;
    bench.work.fence();
    for (const attached of bench.stages) attached.purge();
    expect(signal.aborted).toBe(true);
    gate.open();
    await until(() => stage.inFlight === 0);
    expect(out).toEqual([]);
    expect(bench.work.ledger.frontier).toBe(0);
    expect(bench.work.inFlight).toBe(0);
  });

  it("restarts the run when what it emits to throws", () => {
    const bench = createStageBench();
    const stage = createStage<string, unknown>(
      inKeyOrder,
      () => {},
      () => {
        throw new Error("broken pipe");
      },
    );
    stage.push(bench.delivery("a", "1"));
    expect(bench.ends.restarted.map(({ message }) => message)).toEqual(["broken pipe"]);
    expect(bench.work.ledger.unsettled).toBe(1);
  });

  it("never runs a key twice at once nor more than concurrency, keeps the order of each key, and loses nothing", async () => {
    const message = fc.record({
      key: fc.constantFrom(null, "a", "b", "c"),
      // turns of the event loop that each try takes, 0 for work without a promise; a negative one fails
      tries: fc.array(fc.integer({ min: -2, max: 3 }), { minLength: 3, maxLength: 3 }),
      pause: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 25, size: "max" }), fc.integer({ min: 1, max: 4 }), async (messages, concurrency) => {
        const bench = createStageBench();
        const running = new Map<string, number>();
        const emitted: { readonly key: string | null; readonly id: number }[] = [];
        let most = 0;
        const enter = (key: string) => running.set(key, (running.get(key) ?? 0) + 1);
        const work = (id: number, attempt: number): void | Promise<void> => {
          const key = messages[id]?.key ?? `keyless ${id}`;
          const turns = messages[id]?.tries[attempt - 1] ?? 0;
          if (turns === 0) return;
          enter(key);
          expect(running.get(key)).toBe(1);
          most = Math.max(most, running.size);
          return (async () => {
            for (let left = Math.abs(turns); left > 0; left--) await turn();
            running.delete(key);
            if (turns < 0) throw new Error("no luck");
          })();
        };
        const stage = createStage<number, void>(
          { name: "test", concurrency, order: "key" },
          (delivery) => work(delivery.value, delivery.attempt),
          (delivery) => {
            emitted.push({ key: messages[delivery.value]?.key ?? null, id: delivery.value });
            settle(delivery);
          },
        );
        for (const [id, { key, pause }] of messages.entries()) {
          stage.push(bench.delivery(key, id));
          if (pause) await turn();
        }
        await until(() => bench.work.ledger.unsettled === 0 && stage.inFlight === 0);
        expect(most).toBeLessThanOrEqual(concurrency);
        expect(emitted.length + bench.deadLetters.length).toBe(messages.length);
        for (const key of ["a", "b", "c"]) {
          const ids = emitted.filter((each) => each.key === key).map((each) => each.id);
          expect(ids).toEqual(ids.toSorted((x, y) => x - y));
        }
        expect(bench.work.inFlight).toBe(0);
        expect(stage.waiting).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
