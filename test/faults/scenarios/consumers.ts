import { alwaysKept, BETWEEN, handsOverCleanly, joinMany, type Scenario, someMember } from "./scenario.js";

/** What is at work in a member that is killed, and what it had settled since its last commit, comes again; nothing from before that. */
export const consumerKilled: Scenario = {
  name: "consumer-killed",
  about: "a consumer is killed (SIGKILL), another one takes its place",
  brokers: 1,
  times: { short: 2, long: 30 },
  async run(world, times) {
    await joinMany(world, 3);
    for (let turn = 0; turn < times; turn++) {
      await world.fault("a consumer was killed", async () => {
        await world.kill(someMember(world, turn));
        await world.join();
      });
      await world.progress(BETWEEN);
    }
  },
  check: alwaysKept,
};

/** As a deploy does it. */
export const rollingRestart: Scenario = {
  name: "rolling-restart",
  about: "3 consumers over 12 partitions, ended cleanly and replaced one after the other",
  brokers: 1,
  times: { short: 1, long: 10 },
  world: { partitions: 12 },
  async run(world, times) {
    await joinMany(world, 3);
    for (let turn = 0; turn < times * 3; turn++) {
      await world.fault("a consumer was replaced", async () => {
        await world.leave(someMember(world, 0));
        await world.join();
      });
      await world.progress(BETWEEN);
    }
  },
  check: handsOverCleanly,
};

/** No sooner has the group settled than it is disturbed again. */
export const rebalanceStorm: Scenario = {
  name: "rebalance-storm",
  about: "members come and go without a pause, after every few records",
  brokers: 1,
  times: { short: 6, long: 30 },
  async run(world, times) {
    await joinMany(world, 2);
    for (let turn = 0; turn < times; turn++) {
      await world.fault(turn % 2 === 0 ? "a member came" : "a member went", async () => {
        if (turn % 2 === 0) await world.join();
        else await world.leave(someMember(world, turn));
      });
      await world.progress(100);
    }
  },
  check: handsOverCleanly,
};
