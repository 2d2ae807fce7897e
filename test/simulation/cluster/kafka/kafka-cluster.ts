import type { Clock } from "@org/bus-core";
import type { Chance } from "../../environment/chance.js";
import type { ProcessClock } from "../../environment/process-clock.js";
import type { Troublemaker } from "../../environment/troublemaker.js";
import type { Scenario } from "../../scenario/scenario.js";
import type { Connection, SimulatedCluster } from "../cluster.js";
import { Kafka } from "./kafka.js";
import { Wire } from "./wire.js";

/** The process that connects, and what it reaches. */
export interface Connecting {
  readonly name: string;
  readonly kafka: Kafka;
  readonly wire: Wire;
  /** Of the brokers. */
  readonly clock: Clock;
  /** Of the process. */
  readonly processClock: ProcessClock;
  readonly chance: Chance;
  /** What the scenario asks for, in the bounds of the adapters. */
  readonly tuning: { readonly sessionTimeoutMs: number; readonly rebalanceTimeoutMs: number; readonly maxWaitMs: number };
  readonly logger: Parameters<SimulatedCluster["connect"]>[2];
}

/** The brokers in memory, which each client library reaches in its own way. */
export function createKafkaCluster(
  scenario: Scenario,
  chance: Chance,
  clock: Clock,
  troublemaker: Troublemaker,
  createTransport: (connecting: Connecting) => Connection["transport"],
): SimulatedCluster {
  const kafka = new Kafka(clock);
  moveNowAndThen(kafka, scenario, chance.fork("moves"), clock);
  // the adapters take no less than a second
  const sessionTimeoutMs = scenario.sessionTimeoutMs + 1_000;
  const tuning = { sessionTimeoutMs, rebalanceTimeoutMs: 3 * sessionTimeoutMs, maxWaitMs: 50 };

  return {
    connect(name, processClock, logger) {
      const own = chance.fork(name);
      const wire = new Wire(clock, own.fork("wire"), troublemaker, scenario.latencyMs);
      const transport = createTransport({ name, kafka, wire, clock, processClock, chance: own, tuning, logger });
      return { transport, crash: () => wire.cut() };
    },
    createTopic: (name, partitions) => kafka.createTopic(name, partitions),
    offsets: (topic) => kafka.partitions(topic).map(({ partition, logStart, logEnd }) => ({ topic, partition, logStart, logEnd })),
    records: (topic) => kafka.records(topic),
    endOfRecords({ topic, partition }) {
      const last = kafka.partition(topic, partition).records.findLast(({ isControl }) => !isControl);
      return last === undefined ? 0 : last.offset + 1;
    },
    committed: (group, at) => kafka.group(group).committed(at),
    members: (group) => kafka.group(group).memberIds,
    expire: (group, memberId) => kafka.group(group).expire(memberId),
    deleteRecords: ({ topic, partition }, offset) => kafka.partition(topic, partition).deleteBefore(offset),
    skipOffsets: ({ topic, partition }, count) => kafka.partition(topic, partition).appendControl(count),
  };
}

/** Brokers come and go, for what clients see of it: others lead, or coordinate. */
function moveNowAndThen(kafka: Kafka, { plan, lengthMs }: Scenario, chance: Chance, clock: Clock): void {
  // without a plan the run is to be calm
  const moves = plan.length === 0 || chance.happens(0.4) ? 0 : chance.integer(1, 5);
  for (let count = 0; count < moves; count++) {
    const what = chance.pick(["leaders", "coordinator"] as const);
    clock.schedule(chance.between(0, lengthMs), () => kafka.move(what));
  }
}
