import type { TopicPartition } from "@org/bus-core";
import type { Cluster } from "../client/cluster.js";
import { Coordinator } from "../client/coordinator.js";
import { nameOf } from "../client/topic-partitions.js";
import type { MembershipListener, MembershipOptions } from "../group/membership.js";
import { resolveKafkaOptions } from "../options/options.js";
import { CODES } from "./scripted-client.js";

const logger = { debug() {}, info() {}, warn() {}, error() {} };

/** Holds what it is assigned, and gives up what it is not when the test says so. */
export class TestMember implements MembershipListener {
  /** What it was told, in order. */
  readonly told: string[] = [];
  #held: readonly TopicPartition[] = [];

  owned(): readonly TopicPartition[] {
    return this.#held;
  }

  assigned(partitions: readonly TopicPartition[]): void {
    this.told.push(`assigned ${partitions.map(nameOf).join(" ")}`.trimEnd());
    const names = new Set(this.#held.map(nameOf));
    this.#held = [...this.#held, ...partitions.filter((partition) => !names.has(nameOf(partition)))];
  }

  lost(): void {
    this.told.push("lost");
    this.#held = [];
  }

  /** Lets go of partitions, as a session does when its listener has. */
  release(...names: readonly string[]): void {
    this.#held = this.#held.filter((held) => !names.includes(nameOf(held)));
  }
}

/** What a membership of group `g` that reads topic `t` is made with. */
export function membershipOptions(cluster: Cluster, listener: MembershipListener, instanceId?: string): MembershipOptions {
  const { consumer: tuning } = resolveKafkaOptions({ brokers: ["broker:1"], consumer: { ...(instanceId !== undefined && { instanceId }) } }, {});
  const coordinator = new Coordinator(cluster.client, "group", "g");
  return { cluster, coordinator, group: "g", topics: ["t"], tuning, listener, logger, uniqueId: () => "member-1" };
}

export const coordinatorAnswer = () => ({
  throttleTimeMs: 0,
  coordinators: [{ key: "g", nodeId: 1, host: "broker", port: 1, errorCode: CODES.NONE, errorMessage: null }],
});

export const partitions = (...numbers: readonly number[]): TopicPartition[] => numbers.map((partition) => ({ topic: "t", partition }));
