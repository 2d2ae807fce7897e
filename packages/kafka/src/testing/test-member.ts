import { type Clock, stderrLogger, systemClock, type TopicPartition } from "@org/bus-core";
import { Ownership } from "@org/bus-core/internal";
import type { Kafka } from "kafkajs";
import { Backoff } from "../client/backoff.js";
import type { Connection } from "../client/connection.js";
import { Coordinator, type CoordinatorBroker } from "../group/coordinator.js";
import { Membership } from "../group/membership.js";
import { TopicMetadata } from "../group/topic-metadata.js";

/** A connection of which nothing is asked but time and a log. */
export function connectionAt(clock: Clock = systemClock): Connection {
  const createClient = (): Kafka => {
    throw new Error("this connection has no client");
  };
  const logger = { ...stderrLogger, warn() {} };
  return { createClient, principal: "user alice", logger, clock, backoff: new Backoff(clock, () => 0.5) };
}

/** Partition counts of topics, as a client sees them. */
export class Topics {
  readonly counts = new Map<string, number>();

  constructor(counts: Readonly<Record<string, number>>) {
    this.counts = new Map(Object.entries(counts));
  }

  get metadata(): TopicMetadata {
    return new TopicMetadata({
      refreshMetadata: async () => {},
      addTargetTopic: async () => {},
      // only the number of them is looked at
      findTopicPartitionMetadata: (topic) => Array.from({ length: this.counts.get(topic) ?? 0 }, () => ({}) as never),
    });
  }
}

/** A member of a group with what it owns; its listener writes down what it is told, and gives up partitions when `drained` resolves. */
export class TestMember {
  readonly events: string[] = [];
  readonly ownership: Ownership;
  readonly membership: Membership;
  drained: Promise<void> = Promise.resolve();
  failure: unknown;
  #epochs = 0;

  constructor(broker: CoordinatorBroker, topics: Topics, sessionTimeoutMs = 10_000) {
    const connection = connectionAt();
    const note = (what: string, partitions: readonly TopicPartition[]) =>
      void this.events.push(`${what} ${partitions.map(({ partition }) => partition).join(" ")}`);
    this.ownership = new Ownership({
      listener: {
        assigned: (partitions) => note("assigned", partitions),
        records() {},
        revoked: async (partitions) => {
          note("revoked", partitions);
          await this.drained;
          note("released", partitions);
        },
        lost: (partitions) => note("lost", partitions),
        stopped() {},
      },
      clock: connection.clock,
      logger: connection.logger,
      revocationLimitMs: 48_000,
      nextEpoch: () => ++this.#epochs,
      startPositions: async (partitions) => partitions.map((each) => ({ ...each, position: 0, committed: undefined, logStart: 0, logEnd: 0 })),
      onChange: () => {},
      onReleased: () => this.membership.rejoin(),
      onAssigned: () => {},
      onFailed: (error) => {
        this.failure = error;
      },
    });
    this.membership = new Membership({
      group: "g",
      topics: [...topics.counts.keys()],
      sessionTimeoutMs,
      rebalanceTimeoutMs: 60_000,
      connection,
      coordinator: new Coordinator(async () => broker),
      metadata: topics.metadata,
      owner: this.ownership,
    });
    this.membership.start();
  }

  /** Partitions whose records it would deliver. */
  get reading(): number[] {
    return this.#inState("reading");
  }

  get leaving(): number[] {
    return this.#inState("leaving");
  }

  async close(): Promise<void> {
    this.ownership.close();
    await this.membership.leave();
  }

  #inState(wanted: string): number[] {
    const partitions = this.ownership.all().filter(({ state }) => state === wanted);
    return partitions.map(({ partition }) => partition).toSorted((a, b) => a - b);
  }
}
