import { setTimeout as sleep } from "node:timers/promises";
import { alwaysKept, BETWEEN, joinMany, type Scenario } from "./scenario.js";

/** For how long connections are slow, or half dead. */
const LASTS_MS = 3_000;

/** The connections of all programs go through a proxy. */
export const badNetwork: Scenario = {
  name: "bad-network",
  about: "connections are cut, are slow, and pass on one direction only, in turn",
  brokers: 1,
  times: { short: 3, long: 30 },
  world: { proxied: true },
  async run(world, times) {
    await joinMany(world, 3);
    const [proxy] = world.proxies;
    if (proxy === undefined) throw new Error("there is no proxy");
    for (let turn = 0; turn < times; turn++) {
      if (turn % 3 === 0) await world.fault("all connections were cut", async () => proxy.cut());
      if (turn % 3 === 1) {
        await world.fault("all connections were slow", async () => {
          proxy.delay(200);
          await sleep(LASTS_MS);
          proxy.delay(0);
        });
      }
      if (turn % 3 === 2) {
        await world.fault("no answer came through", async () => {
          proxy.stall(true);
          await sleep(LASTS_MS);
          proxy.stall(false);
        });
      }
      await world.progress(BETWEEN);
    }
  },
  check: alwaysKept,
};
