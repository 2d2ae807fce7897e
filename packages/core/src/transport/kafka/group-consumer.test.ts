import { describe, expect, it } from "vitest";
import { BusError } from "../../errors.js";
import { ManualClock, settled } from "../../testing/manual-clock.js";
import { RecordingListener } from "../../testing/recording-listener.js";
import { type ConsumerSession, GroupConsumer, type GroupConsumerOptions, type SessionOwner } from "./group-consumer.js";

const subscription = { group: "g", topics: ["orders"], from: "earliest", outOfRange: "stop" } as const;
const passing = new BusError("transport_failed", "the broker is away", { retryable: true });

class ScriptedSession implements ConsumerSession {
  readonly calls: string[] = [];

  constructor(readonly owner: SessionOwner) {}

  open(): void {
    this.calls.push("open");
  }

  pause(): void {
    this.calls.push("pause");
  }

  resume(): void {
    this.calls.push("resume");
  }

  position(): undefined {}

  async commit(): Promise<void> {
    this.calls.push("commit");
  }

  async close(): Promise<void> {
    this.calls.push("close");
  }
}

function setup(options: Partial<GroupConsumerOptions> = {}) {
  const clock = new ManualClock();
  const sessions: ScriptedSession[] = [];
  const logged: string[] = [];
  const log = (level: string) => (fields: object) => logged.push(`${level} ${"delayMs" in fields ? fields.delayMs : ""}`);
  const consumer = new GroupConsumer({
    subscription,
    clock,
    logger: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
    createSession(owner) {
      const session = new ScriptedSession(owner);
      sessions.push(session);
      return session;
    },
    missingTopics: async () => [],
    toBusError: (error) => BusError.from(error, "transport_failed"),
    isFatal: () => false,
    delayMs: (failures) => 100 * (failures + 1),
    ...options,
  });
  const latest = () => {
    const session = sessions.at(-1);
    if (session === undefined) throw new Error("there is no session");
    return session;
  };
  return { clock, sessions, logged, consumer, latest, listener: new RecordingListener() };
}

describe("GroupConsumer", () => {
  it("has started when the first assignment was taken", async () => {
    const { consumer, latest, listener } = setup();
    let started = false;
    const start = consumer.start(listener).then(() => {
      started = true;
    });
    await settled();
    expect([latest().calls, started]).toEqual([["open"], false]);
    latest().owner.onAssigned();
    await start;
  });

  it("opens the next session when one has ended, later each time, with epochs that go on", async () => {
    const { clock, consumer, sessions, latest, listener, logged } = setup();
    const start = consumer.start(listener);
    await settled();
    expect(latest().owner.nextEpoch()).toBe(1);
    for (const delayMs of [100, 200, 300]) {
      const before = sessions.length;
      latest().owner.onEnded(passing);
      await clock.advance(delayMs - 1);
      expect(sessions.length).toBe(before);
      await clock.advance(1);
      expect(sessions.length).toBe(before + 1);
    }
    expect(logged).toEqual(["info 100", "info 200", "warn 300"]);
    expect(latest().owner.nextEpoch()).toBe(2);
    latest().owner.onAssigned();
    await start;
    latest().owner.onEnded(passing);
    await settled();
    expect(logged.at(-1)).toBe("info 100");
  });

  it.each([
    ["not_authorized", {}],
    ["offset_out_of_range", {}],
    ["transport_failed", { isFatal: () => true }],
    ["unknown_topic", { missingTopics: onceThen([], ["orders"]) }],
  ] as const)("ends by itself with %s", async (code, options) => {
    const { clock, consumer, sessions, latest, listener } = setup(options);
    const start = consumer.start(listener);
    await settled();
    latest().owner.onAssigned();
    await start;
    const error = new BusError(code, "as it is");
    latest().owner.onEnded(error);
    await clock.advance(60_000);
    expect(listener.calls).toEqual(["stopped as it is"]);
    expect(sessions.length).toBe(1);
  });

  it("goes on when the topic that a broker did not know is there", async () => {
    const { clock, consumer, sessions, latest, listener } = setup();
    const start = consumer.start(listener);
    await settled();
    latest().owner.onEnded(new BusError("unknown_topic", "not known yet"));
    await clock.advance(100);
    expect(sessions.length).toBe(2);
    latest().owner.onAssigned();
    await start;
    expect(listener.calls).toEqual([]);
  });

  it("rejects the start with what will not pass", async () => {
    const { consumer, latest, listener } = setup();
    const start = consumer.start(listener);
    await settled();
    latest().owner.onEnded(new BusError("not_authorized", "may not read"));
    await expect(start).rejects.toMatchObject({ code: "not_authorized" });
    expect(listener.calls).toEqual([]);
  });

  it("refuses to start on topics that do not exist", async () => {
    const { consumer, sessions, listener } = setup({ missingTopics: async () => ["a", "b"] });
    await expect(consumer.start(listener)).rejects.toMatchObject({
      code: "unknown_topic",
      message: "group g cannot read topics a, b, not on the cluster; create what is missing with bus.topics.ensure([...contracts])",
    });
    expect(sessions).toEqual([]);
  });

  it("closes its session once, opens none after that, and ends a start that waits", async () => {
    const { clock, consumer, sessions, latest, listener } = setup();
    const start = consumer.start(listener);
    const rejected = expect(start).rejects.toMatchObject({ code: "closed" });
    await settled();
    await Promise.all([consumer.close(), consumer.close()]);
    await rejected;
    latest().owner.onEnded(passing);
    await clock.advance(60_000);
    expect(latest().calls).toEqual(["open", "close"]);
    expect([sessions.length, listener.calls]).toEqual([1, []]);
    await expect(consumer.start(listener)).rejects.toMatchObject({ code: "closed" });
  });

  it("passes on to the session of the moment, and refuses commits between two", async () => {
    const { consumer, latest, listener } = setup();
    const start = consumer.start(listener);
    await settled();
    const session = latest();
    session.owner.onAssigned();
    await start;
    consumer.pause([]);
    consumer.resume([]);
    await consumer.commit([]);
    session.owner.onEnded(passing);
    await expect(consumer.commit([])).rejects.toMatchObject({ code: "fenced" });
    expect(session.calls).toEqual(["open", "pause", "resume", "commit"]);
  });
});

function onceThen<T>(first: T, then: T): () => Promise<T> {
  let calls = 0;
  return async () => (calls++ === 0 ? first : then);
}
