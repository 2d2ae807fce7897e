import { type Clock, createMemoryBroker, type MemoryFaults, memory } from "@org/bus-core";
import type { Chance } from "../environment/chance.js";
import type { Troublemaker } from "../environment/troublemaker.js";
import type { Scenario } from "../scenario/scenario.js";
import type { SimulatedCluster } from "./cluster.js";

/** The cluster in memory of packages/core, whose calls go wrong. */
export function createMemoryCluster(scenario: Scenario, chance: Chance, clock: Clock, troublemaker: Troublemaker): SimulatedCluster {
  const { sessionTimeoutMs, latencyMs, maxFetch } = scenario;
  const broker = createMemoryBroker({ clock, sessionTimeoutMs, rebalanceTimeoutMs: 3 * sessionTimeoutMs });
  const faults: MemoryFaults = {
    connect: () => troublemaker.of("connect"),
    send: ({ topic }) => troublemaker.of(topic.endsWith(".dlq") ? "deadLetter" : "send"),
    commit: () => troublemaker.of("commit"),
    transaction: () => troublemaker.of("transaction"),
    fetch: () => troublemaker.of("fetch"),
    admin: () => troublemaker.of("admin"),
  };

  return {
    connect(name) {
      const transport = memory({ broker, seed: chance.fork(name).integer(0, 1 << 30), latencyMs, faults, maxBatchRecords: maxFetch });
      return { transport, crash: () => transport.crash() };
    },
    createTopic: (name, partitions) => broker.createTopic({ name, partitions, cleanup: "delete" }),
    offsets: (topic) => broker.offsets(topic),
    endOfRecords({ topic, partition }) {
      const last = broker.records(topic).findLast((record) => record.partition === partition);
      return last === undefined ? 0 : last.offset + 1;
    },
    records: (topic) => broker.records(topic),
    committed: (group, { topic, partition }) => broker.committed(group, [topic]).find((each) => each.partition === partition),
    members: (group) => broker.members(group).map(({ memberId }) => memberId),
    expire: (group, memberId) => broker.expireSession(group, memberId),
    deleteRecords: ({ topic, partition }, offset) => broker.deleteRecords(topic, partition, offset),
    skipOffsets: ({ topic, partition }, count) => broker.skipOffsets(topic, partition, count),
  };
}
