import { setTimeout as sleep } from "node:timers/promises";
import { coordinatorOf, leaderOf } from "../cluster-roles.js";
import { alwaysKept, BETWEEN, type Form, joinMany, type Scenario } from "./scenario.js";

export const brokerKilled: Scenario = {
  name: "broker-killed",
  about: "the leader of a partition is killed (SIGKILL) and started again, while records are published and consumed",
  brokers: 3,
  times: { short: 1, long: 5 },
  async run(world, times) {
    await joinMany(world, 3);
    for (let turn = 0; turn < times; turn++) {
      const broker = await leaderOf(world.cluster, world.topic, turn % world.partitions);
      await world.fault(`broker ${broker} was killed`, () => world.cluster.kill(broker));
      await world.progress(BETWEEN);
      await world.fault(`broker ${broker} was started again`, () => world.cluster.restart(broker));
      await world.progress(BETWEEN);
    }
  },
  check: alwaysKept,
};

export const coordinatorKilled: Scenario = {
  name: "coordinator-killed",
  about: "the broker that coordinates the group is killed (SIGKILL) and started again",
  brokers: 3,
  times: { short: 1, long: 3 },
  async run(world, times) {
    await joinMany(world, 3);
    for (let turn = 0; turn < times; turn++) {
      const broker = await coordinatorOf(world.cluster, world.group);
      await world.fault(`broker ${broker}, the coordinator, was killed`, () => world.cluster.kill(broker));
      await world.progress(BETWEEN);
      await world.fault(`broker ${broker} was started again`, () => world.cluster.restart(broker));
      await world.progress(BETWEEN);
    }
  },
  check: alwaysKept,
};

/** How long a broker stands still: longer than the cluster waits before it elects others. */
const FROZEN_MS: Readonly<Record<Form, number>> = { short: 6_000, long: 20_000 };

export const brokerFrozen: Scenario = {
  name: "broker-frozen",
  about: "the leader of a partition stands still (SIGSTOP), and then goes on",
  brokers: 3,
  times: { short: 1, long: 3 },
  async run(world, times, form) {
    await joinMany(world, 3);
    const frozenMs = FROZEN_MS[form];
    for (let turn = 0; turn < times; turn++) {
      const broker = await leaderOf(world.cluster, world.topic, turn % world.partitions);
      await world.fault(`broker ${broker} stood still for ${frozenMs} ms`, async () => {
        world.cluster.freeze(broker);
        await sleep(frozenMs);
        world.cluster.thaw(broker);
      });
      await world.progress(BETWEEN);
    }
  },
  check: alwaysKept,
};
