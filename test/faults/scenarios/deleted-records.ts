import { alwaysKept, BETWEEN, joinMany, type Scenario } from "./scenario.js";

/** Consumers that lag, and whose policy says to go on: what was deleted is gone, everything else is handled. */
export const recordsDeleted: Scenario = {
  name: "records-deleted",
  about: "DeleteRecords up to the end of every partition, ahead of the consumers, which go on from there",
  brokers: 1,
  times: { short: 1, long: 5 },
  world: { consumerFlags: { "handler-ms": 50, "out-of-range": "earliest" } },
  async run(world, times) {
    await joinMany(world, 2);
    for (let turn = 0; turn < times; turn++) {
      await world.fault("records were deleted before they were read", () => world.deleteRecords());
      await world.progress(BETWEEN);
    }
  },
  check: alwaysKept,
};
