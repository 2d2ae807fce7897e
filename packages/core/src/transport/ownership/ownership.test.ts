import { beforeEach, describe, expect, it } from "vitest";
import { ManualClock } from "../../testing/manual-clock.js";
import { RecordingListener } from "../../testing/recording-listener.js";
import type { AssignedPartition } from "../transport.js";
import { Ownership } from "./ownership.js";

const partitions = (...numbers: number[]) => numbers.map((partition) => ({ topic: "t", partition }));

describe("Ownership", () => {
  let clock: ManualClock;
  let listener: RecordingListener;
  let ownership: Ownership;
  /** What the ownership asked of its surroundings. */
  let asked: string[];
  let position: () => Promise<number>;

  beforeEach(() => {
    clock = new ManualClock();
    listener = new RecordingListener();
    asked = [];
    position = async () => 7;
    let epochs = 0;
    ownership = new Ownership({
      listener,
      clock,
      logger: { debug() {}, info() {}, warn: (_fields, message) => void asked.push(message), error() {} },
      revocationLimitMs: 1_000,
      nextEpoch: () => ++epochs,
      async startPositions(started) {
        const start = await position();
        return started.map(({ topic, partition, epoch, next }): AssignedPartition => {
          return { topic, partition, epoch, position: next ?? start, committed: undefined, logStart: 0, logEnd: 9 };
        });
      },
      onChange: () => {},
      onReleased: () => void asked.push("rejoin"),
      onAssigned: () => void asked.push("assigned"),
      onFailed: (error) => void asked.push(String(error)),
    });
  });

  const states = () => Object.fromEntries(ownership.all().map(({ partition, state }) => [partition, state]));
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { until: () => promise, release: resolve };
  };

  it("tells what comes and what goes, and nothing of what stays", async () => {
    ownership.assigned(partitions(0, 1), true);
    expect(states()).toEqual({ 0: "starting", 1: "starting" });
    await clock.advance(0);
    expect(states()).toEqual({ 0: "reading", 1: "reading" });
    ownership.assigned(partitions(1, 2), true);
    await clock.advance(0);
    expect(listener.calls.toSorted()).toEqual(["assigned t[0]@1 t[1]@1", "assigned t[2]@2", "revoked t[0]@1"]);
    expect(states()).toEqual({ 1: "reading", 2: "reading" });
    expect(asked.toSorted()).toEqual(["assigned", "assigned", "rejoin"]);
  });

  it("calls nothing for an assignment without anything new, and says that it was taken", async () => {
    ownership.assigned([], true);
    await clock.advance(0);
    expect([listener.calls, asked]).toEqual([[], ["assigned"]]);
  });

  it("owns what is given up until the listener has", async () => {
    const { until, release } = hold();
    listener.onRevoked = until;
    ownership.assigned(partitions(0, 1), true);
    await clock.advance(0);
    ownership.assigned(partitions(1), true);
    await clock.advance(999);
    // what is leaving is wanted least
    expect(ownership.owned().map((owned) => owned.partition)).toEqual([1, 0]);
    expect(asked).toEqual(["assigned", "assigned"]);
    release();
    await clock.advance(0);
    expect(ownership.owned().map((owned) => owned.partition)).toEqual([1]);
    expect(asked.at(-1)).toBe("rejoin");
  });

  it("takes away what is not given up in time", async () => {
    listener.onRevoked = hold().until;
    ownership.assigned(partitions(0), true);
    await clock.advance(0);
    ownership.assigned([], true);
    await clock.advance(1_000);
    expect(ownership.all()).toEqual([]);
    expect(asked).toEqual(["assigned", "assigned", "partitions were not given up in time and are taken away", "rejoin"]);
  });

  it("loses at once what its owner did not give up, where owners are not respected", async () => {
    ownership.assigned(partitions(0, 1), true);
    await clock.advance(0);
    ownership.assigned(partitions(1), false);
    expect(states()).toEqual({ 1: "reading" });
    await clock.advance(0);
    expect(listener.calls).toEqual(["assigned t[0]@1 t[1]@1", "lost t[0]@1"]);
  });

  it("tells the listener of a loss after what it is being told, and of a revocation only", async () => {
    const { until, release } = hold();
    listener.onRevoked = until;
    ownership.assigned(partitions(0, 1), true);
    await clock.advance(0);
    ownership.assigned(partitions(1), true);
    await clock.advance(0);
    ownership.expelled();
    release();
    await clock.advance(0);
    expect(listener.calls).toEqual(["assigned t[0]@1 t[1]@1", "revoked t[0]@1", "lost t[1]@1"]);
    expect(ownership.all()).toEqual([]);
  });

  it("tells of a partition that comes again after an expulsion only when the listener has given it up", async () => {
    const { until, release } = hold();
    listener.onRevoked = until;
    ownership.assigned(partitions(0), true);
    await clock.advance(0);
    ownership.assigned([], true);
    await clock.advance(0);
    ownership.expelled();
    ownership.assigned(partitions(0, 1), true);
    await clock.advance(500);
    expect(listener.calls).toEqual(["assigned t[0]@1", "revoked t[0]@1"]);
    release();
    await clock.advance(0);
    expect(listener.calls.slice(2)).toEqual([expect.stringMatching(/^assigned t\[0\]@\d t\[1\]@\d$/)]);
  });

  it("says of a partition that was to be revoked and is lost before that it is lost", async () => {
    const { until, release } = hold();
    const assigned = listener.assigned.bind(listener);
    listener.assigned = (given) => {
      assigned(given);
      return until();
    };
    ownership.assigned(partitions(0), true);
    await clock.advance(0);
    ownership.assigned([], true);
    ownership.expelled();
    release();
    await clock.advance(0);
    expect(listener.calls).toEqual(["assigned t[0]@1", "lost t[0]@1"]);
  });

  it("tells nothing of partitions that are gone before their positions are known", async () => {
    const { until, release } = hold();
    position = async () => {
      await until();
      return 0;
    };
    ownership.assigned(partitions(0), true);
    ownership.expelled();
    ownership.assigned(partitions(0), true);
    release();
    await clock.advance(0);
    expect(listener.calls).toEqual(["assigned t[0]@2"]);
  });

  it("gives up everything, also what it has got again meanwhile", async () => {
    const { until, release } = hold();
    listener.onRevoked = until;
    ownership.assigned(partitions(0, 1), true);
    await clock.advance(0);
    ownership.assigned(partitions(1), true);
    ownership.assigned(partitions(0, 1), true);
    let over = false;
    void ownership.giveUpAll().then(() => {
      over = true;
    });
    await clock.advance(0);
    expect(over).toBe(false);
    release();
    await clock.advance(0);
    expect([over, ownership.all()]).toEqual([true, []]);
    expect(listener.calls).toEqual(["assigned t[0]@1 t[1]@1", "revoked t[0]@1", "revoked t[1]@1"]);
  });

  it("begins a partition anew where it would have gone on", async () => {
    ownership.assigned(partitions(0), true);
    await clock.advance(0);
    const [owned] = ownership.all();
    if (owned === undefined) throw new Error("nothing is owned");
    owned.next = 3;
    ownership.restart(owned);
    await clock.advance(0);
    expect(listener.calls).toEqual(["assigned t[0]@1", "lost t[0]@1", `assigned t[0]@${ownership.all()[0]?.epoch}`]);
    expect(ownership.all()).toMatchObject([{ next: 3, state: "reading" }]);
  });

  it("fails when the positions cannot be read, and tells nothing once it is closed", async () => {
    position = () => Promise.reject(new Error("no such group"));
    ownership.assigned(partitions(0), true);
    await clock.advance(0);
    expect(asked).toEqual(["Error: no such group"]);
    ownership.close();
    ownership.assigned(partitions(1), true);
    ownership.expelled();
    await clock.advance(0);
    expect(listener.calls).toEqual([]);
  });
});
