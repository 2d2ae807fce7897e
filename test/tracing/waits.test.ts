import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { type Contract, createBus, createMemoryBroker, type Logger, memory } from "@org/bus-core";
import { batchMessages, mapKeyed, stream } from "@org/bus-streams";
import { type VirtualClock, virtualClock } from "@org/bus-testkit";
import { describe, expect, it } from "vitest";
import { type Note, noteContract } from "./messages.js";
import { recordSpans } from "./recorded-spans.js";
import { stagesOf, timesOf } from "./spans-by-name.js";

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const Asked = noteContract("test.v1.Asked", "asked");

/** A bus on a clock that the test moves; nothing takes time but what waits for the clock. */
function setup(lingerMs = 0) {
  const clock = virtualClock();
  const transport = memory({ broker: createMemoryBroker({ clock }) });
  const bus = createBus({ service: "test", transport, clock, random: () => 0, logger: silent, publish: { lingerMs } });
  const sleep = (ms: number) => new Promise<void>((resolve) => void clock.schedule(ms, resolve));
  return { clock, bus, sleep };
}

/** Publishes, runs until `count` calls of the returned function were made, and closes. */
async function publishAll(clock: VirtualClock, contract: Contract<Note>, bus: ReturnType<typeof createBus>, notes: readonly Note[]) {
  await clock.runUntilSettled(bus.publishAll(contract, notes));
}

describe("where the time of a message went", () => {
  it("shows the wait for a batch on the way out", async () => {
    await using spans = recordSpans();
    const { clock, bus } = setup(40);
    await clock.runUntilSettled(bus.topics.ensure([Asked]));
    const first = bus.publish(Asked, { id: "a", text: "1" });
    await clock.advance(15);
    await clock.runUntilSettled(Promise.all([first, bus.publish(Asked, { id: "b", text: "2" })]));
    await clock.runUntilSettled(bus.close());
    const created = (await spans.finished()).filter(({ name }) => name === "create asked");
    expect(created.map(timesOf)).toEqual([{ "wait.batch_ms": 40 }, { "wait.batch_ms": 25 }]);
  });

  it("shows the waits in the topic, behind the key, for a slot, between tries, and the time in handlers, place by place", async () => {
    await using spans = recordSpans();
    const { clock, bus, sleep } = setup();
    await clock.runUntilSettled(bus.topics.ensure([Asked]));
    const notes = ["a", "a", "b", "c", "d"].map((id, index) => ({ id, text: String(index) }));
    await publishAll(clock, Asked, bus, notes);
    await clock.advance(1_000);
    let failures = 0;
    const written = Promise.withResolvers<void>();
    let left = notes.length;
    const consumption = stream(bus, Asked, { group: "g", failure: { initialBackoffMs: 30, jitter: 0 } })
      .pipe(
        mapKeyed(
          async function assess(note: Note) {
            await sleep(10);
            if (note.text === "3" && failures++ === 0) throw new Error("not yet");
            return note;
          },
          { concurrency: 2 },
        ),
        mapKeyed(async function write(note: Note) {
          await sleep(100);
          if (--left === 0) written.resolve();
          return note;
        }),
      )
      .run();
    await clock.runUntilSettled(written.promise);
    await clock.runUntilSettled(consumption.close());
    await clock.runUntilSettled(bus.close());
    const finished = await spans.finished();
    const processed = notes.map((_, offset) => finished.find((span) => span.name === "process asked" && span.attributes["kafka.offset"] === offset));

    const topicMs = Number(timesOf(processed[0])["wait.topic_ms"]);
    expect(topicMs).toBeGreaterThanOrEqual(1_000);
    // two slots: 0 and 2 begin, 3 and 4 wait for the slots that these leave, 1 behind 0 and then for that of 4; the second place has slots enough, and 1 waits
    // behind 0 there
    expect(processed.map(stagesOf)).toEqual([
      [
        { stage: "mapKeyed(assess)", handler_ms: 10 },
        { stage: "mapKeyed(write)", handler_ms: 100 },
      ],
      [
        { stage: "mapKeyed(assess)", "wait.key_ms": 10, "wait.slot_ms": 10, handler_ms: 10 },
        { stage: "mapKeyed(write)", "wait.key_ms": 80, handler_ms: 100 },
      ],
      [
        { stage: "mapKeyed(assess)", handler_ms: 10 },
        { stage: "mapKeyed(write)", handler_ms: 100 },
      ],
      [
        { stage: "mapKeyed(assess)", "wait.slot_ms": 10, "wait.retry_ms": 30, handler_ms: 20 },
        { stage: "mapKeyed(write)", handler_ms: 100 },
      ],
      [
        { stage: "mapKeyed(assess)", "wait.slot_ms": 10, handler_ms: 10 },
        { stage: "mapKeyed(write)", handler_ms: 100 },
      ],
    ]);
    expect(timesOf(processed[3])).toMatchObject({
      "wait.topic_ms": topicMs,
      "wait.slot_ms": 10,
      "wait.retry_ms": 30,
      handler_ms: 120,
    });
    // what happens between here and the commit takes real time, if it takes any
    for (const span of processed) expect(span?.ended).toBe(true);
  });

  it("shows the wait for the commit, of the 128 messages of a partition that wait longest", async () => {
    await using spans = recordSpans();
    const bus = createBus({ service: "test", transport: memory(), logger: silent });
    await bus.topics.ensure([Asked]);
    const notes = Array.from({ length: 200 }, (_, index) => ({ id: `id-${index}`, text: "why" }));
    await bus.publishAll(Asked, notes);
    // all of them end in one turn, so that no commit comes in between
    let left = notes.length;
    const begun = Promise.withResolvers<void>();
    const consumption = bus.consume(Asked, { group: "g", commitIntervalMs: 50, concurrency: notes.length }, () => {
      if (--left === 0) begun.resolve();
      return begun.promise;
    });
    await expect.poll(() => consumption.explain().partitions[0]?.committed).toBe(200);
    const processed = (await spans.finished()).filter(({ name }) => name === "process asked");
    expect(processed).toHaveLength(200);
    const told = processed.filter((span) => "wait.commit_ms" in timesOf(span));
    expect(told.map(({ attributes }) => attributes["kafka.offset"])).toEqual(Array.from({ length: 128 }, (_, offset) => offset));
    // the wait is not a part of the span: those that were not held have settled later, and ended at once
    const endMs = ({ endTime: [seconds, nanoseconds] }: ReadableSpan) => seconds * 1_000 + nanoseconds / 1e6;
    const latest = Math.max(...processed.filter((span) => !told.includes(span)).map(endMs));
    for (const span of told) expect(endMs(span)).toBeLessThanOrEqual(latest + 2);
    await bus.close();
  });

  it("shows the wait of messages that are gathered, and one span that links to all of them", async () => {
    await using spans = recordSpans();
    const { clock, bus } = setup();
    await clock.runUntilSettled(bus.topics.ensure([Asked]));
    const batches: number[] = [];
    const consumption = stream(bus, Asked, { group: "g" })
      .pipe(
        batchMessages({ maxSize: 3, maxWaitMs: 500 }),
        mapKeyed((notes: readonly Note[]) => batches.push(notes.length)),
      )
      .run();
    await clock.runUntilSettled(consumption.started);
    await publishAll(clock, Asked, bus, [
      { id: "a", text: "1" },
      { id: "b", text: "2" },
    ]);
    await clock.advance(1_000);
    await clock.runUntilSettled(consumption.close());
    await clock.runUntilSettled(bus.close());
    expect(batches).toEqual([2]);
    const finished = await spans.finished();
    const processed = finished.filter(({ name }) => name === "process asked");
    expect(processed.map((span) => timesOf(span)["wait.batch_ms"])).toEqual([500, 500]);
    const [batch] = finished.filter(({ name }) => name === "process batch asked");
    expect(batch?.attributes["messaging.batch.message_count"]).toBe(2);
    expect(batch?.links.map(({ context }) => context.spanId)).toEqual(processed.map((span) => span.spanContext().spanId));
  });
});
