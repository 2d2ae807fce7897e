import { afterEach, describe, expect, it } from "vitest";
import { createLab, Gate, type Lab, until } from "../testing/consume-setup.js";
import { ManualClock, settled } from "../testing/manual-clock.js";
import { at, type ScriptedConsumer, scriptConsumer } from "../testing/scripted-consumer.js";
import type { Delivery } from "./delivery/delivery.js";
import { decodeCompletedMap } from "./ledger/completed-map.js";

let lab: Lab;
afterEach(() => lab.close());

const unsettled = ({ consumption }: ScriptedConsumer, partition: number) =>
  consumption.explain().partitions.find((each) => each.partition === partition)?.unsettled;

/** A stream whose handler waits for the test; `name` is `sensor/partition@offset`. */
async function gated(options: Parameters<typeof scriptConsumer>[1] = {}) {
  lab = await createLab();
  const gate = new Gate<string>();
  const deliveries = new Map<string, Delivery<unknown>>();
  const script = await scriptConsumer(lab, { commitIntervalMs: 1_000_000, ...options }, ({ sensor }, delivery) => {
    const name = `${sensor}/${delivery.partition}@${delivery.offset}`;
    deliveries.set(name, delivery);
    return gate.pass(name);
  });
  return { ...script, gate, deliveries, script };
}

describe("a revocation of some partitions", () => {
  it("waits for what is in flight there, while the others go on in their epoch", async () => {
    const { assign, deliver, revoke, gate, commits, consumption, script } = await gated();
    await assign(1, 0, 1);
    deliver(at(0, 1), "a", "a", "b");
    deliver(at(1, 1), "c", "c");
    let revoked = false;
    const revocation = revoke(at(0, 1)).then(() => {
      revoked = true;
    });
    deliver(at(0, 1), "late");
    deliver(at(1, 1), "d");
    gate.open((name) => name === "c/1@0" || name === "a/0@0");
    await until(() => gate.entered.includes("c/1@1"));
    expect(revoked).toBe(false);
    expect(gate.entered).toEqual(["a/0@0", "b/0@2", "c/1@0", "d/1@2", "c/1@1"]);
    gate.open((name) => name === "b/0@2");
    await revocation;
    // the second of a was given up, the third is settled beyond it
    expect(commits.map(({ partition, epoch, offset, metadata }) => [partition, epoch, offset, decodeCompletedMap(metadata, offset)])).toEqual([
      [0, 1, 1, [2, 3]],
    ]);
    expect(consumption.explain().partitions).toMatchObject([{ partition: 1, epoch: 1, unsettled: 2 }]);
    gate.open();
    await until(() => unsettled(script, 1) === 0);
    await consumption.close();
    expect(commits.slice(1)).toMatchObject([{ partition: 1, epoch: 1, offset: 3, metadata: "" }]);
  });

  it("deals its credit to those that stay, and to those that come", async () => {
    const { assign, deliver, revoke, paused, gate } = await gated({ credit: { maxUnsettled: 8 } });
    await assign(1, 0, 1);
    deliver(at(1, 1), "a", "b", "c", "d");
    expect([...paused]).toEqual(["1@1"]);
    await revoke(at(0, 1));
    expect([...paused]).toEqual([]);
    await assign(2, 2);
    expect([...paused]).toEqual(["1@1"]);
    gate.open();
  });

  it("does not begin a key again, in the epoch in which the partition comes back, before its work of the old one has ended", async () => {
    const clock = new ManualClock();
    const { assign, deliver, revoke, gate, deliveries, commits, consumption, script } = await gated({ clock, drainTimeoutMs: 50 });
    await assign(1, 0, 1);
    deliver(at(0, 1), "a", "b");
    deliver(at(1, 1), "c");
    const revocation = revoke(at(0, 1));
    gate.open((name) => name === "b/0@1");
    await clock.advance(50);
    await revocation;
    expect(deliveries.get("a/0@0")?.signal.aborted).toBe(true);
    expect(deliveries.get("c/1@0")?.signal.aborted).toBe(false);
    await assign(2, 0);
    // what the old epoch had settled is not delivered again
    deliver(at(0, 2), "a", "b", "e");
    await settled();
    expect(gate.entered).toEqual(["a/0@0", "b/0@1", "c/1@0", "e/0@2"]);
    expect(unsettled(script, 0)).toBe(2);
    gate.open((name) => name === "a/0@0");
    await until(() => gate.inside === 3);
    // the work of the old epoch settled nothing in the new one
    expect(gate.entered.at(-1)).toBe("a/0@0");
    expect(unsettled(script, 0)).toBe(2);
    expect(deliveries.get("a/0@0")?.signal.aborted).toBe(false);
    gate.open();
    await until(() => unsettled(script, 0) === 0 && unsettled(script, 1) === 0);
    await consumption.close();
    expect(commits.filter(({ partition }) => partition === 0).map(({ epoch, offset }) => [epoch, offset])).toEqual([
      [1, 0],
      [2, 3],
    ]);
  });

  it("ends at once when the partition is lost meanwhile, and commits nothing", async () => {
    const { assign, deliver, revoke, gate, commits, listener, consumption, script } = await gated();
    await assign(1, 0, 1);
    deliver(at(0, 1), "a", "b");
    deliver(at(1, 1), "c");
    gate.open((name) => name === "b/0@1");
    await until(() => unsettled(script, 0) === 1);
    const revocation = revoke(at(0, 1));
    listener.lost([at(0, 1)]);
    // told twice, or of an epoch that is over
    listener.lost([at(0, 1)]);
    listener.lost([at(1, 0)]);
    await revocation;
    expect(commits).toEqual([]);
    expect(consumption.explain().partitions).toMatchObject([{ partition: 1, epoch: 1, unsettled: 1 }]);
    gate.open();
    await consumption.close();
    expect(commits).toMatchObject([{ partition: 1, offset: 1 }]);
  });

  it("cuts short a wait between two tries there, and not in the others", async () => {
    lab = await createLab();
    const tries: string[] = [];
    const failure = { attempts: 5, initialBackoffMs: 1_000_000, maxBackoffMs: 1_000_000 };
    const script = await scriptConsumer(lab, { failure }, async ({ sensor }) => {
      tries.push(sensor);
      throw new Error("no luck");
    });
    await script.assign(1, 0, 1);
    script.deliver(at(0, 1), "a");
    script.deliver(at(1, 1), "b");
    const held = () => script.consumption.explain().partitions.map(({ heldBy }) => heldBy?.state);
    await until(() => held().join() === "backoff,backoff");
    await script.revoke(at(0, 1));
    expect(held()).toEqual(["backoff"]);
    expect(tries).toEqual(["a", "b"]);
    // nor where it is lost: the key is free when it comes back
    script.listener.lost([at(1, 1)]);
    await script.assign(2, 1);
    script.deliver(at(1, 2), "b");
    await until(() => tries.length === 3);
  });

  it("commits what is settled and fences at once where the transport cannot wait", async () => {
    const { assign, deliver, revoke, gate, commits, deliveries, script } = await gated({ awaitableRevoke: false });
    await assign(1, 0);
    deliver(at(0, 1), "a", "b");
    gate.open((name) => name === "a/0@0");
    await until(() => unsettled(script, 0) === 1);
    await revoke(at(0, 1));
    expect(commits).toMatchObject([{ partition: 0, offset: 1 }]);
    expect(deliveries.get("b/0@1")?.signal.aborted).toBe(true);
    gate.open();
  });
});
