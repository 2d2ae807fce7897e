import type { Clock, TopicPartition } from "@org/bus-core";
import { partitionName, sleep } from "@org/bus-core/internal";
// Node sees only some names of this CommonJS package, and the default export has all of them
import kafkajs from "kafkajs";
import { Wakeup } from "../client/wakeup.js";
import { encodeAssignment } from "./consumer-protocol.js";

/** kafkajs joins again when it has trouble with a broker; without a pause it would do that as fast as it can. */
const UNCHANGED_PAUSE_MS = 100;

type Offsets = readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number }[] }[];

/**
 * What kafkajs takes for the coordinator of its group. It answers at once and talks to nobody: the membership is ours, and kafkajs only fetches. A new
 * assignment looks to it like a rebalance in which it was waited for.
 */
export class StandInCoordinator {
  readonly #clock: Clock;
  readonly #onOutOfRange: (partition: TopicPartition) => void;
  readonly #closed = new AbortController();
  #given: readonly TopicPartition[] | undefined;
  #generation = 0;
  #taken = 0;
  readonly #change = new Wakeup();

  /** @param onOutOfRange kafkajs has asked for an offset that is not in the log, and leaves the partition alone until the next seek */
  constructor(clock: Clock, onOutOfRange: (partition: TopicPartition) => void) {
    this.#clock = clock;
    this.#onOutOfRange = onOutOfRange;
  }

  /**
   * What kafkajs is to know from now on; it takes that up when it next asks. It fetches nothing while it does, so it is left with what it knows where that
   * is enough: what is not read is paused anyhow.
   */
  give(partitions: readonly TopicPartition[]): void {
    const known = new Set(this.#given?.map(partitionName));
    if (this.#given !== undefined && partitions.every((partition) => known.has(partitionName(partition)))) return;
    this.#given = partitions;
    this.#generation++;
    this.#change.wake();
  }

  /** Whether kafkajs has not yet taken up what was given. */
  get isAhead(): boolean {
    return this.#generation !== this.#taken;
  }

  /** Lets a join fail that waits. */
  close(): void {
    this.#closed.abort();
    this.#change.wake();
  }

  isConnected(): boolean {
    return true;
  }

  async joinGroup(): Promise<object> {
    if (this.#given !== undefined && !this.isAhead) await sleep(this.#clock, UNCHANGED_PAUSE_MS, this.#closed.signal);
    while (this.#given === undefined && !this.#closed.signal.aborted) await this.#change.wait();
    if (this.#closed.signal.aborted) throw new kafkajs.KafkaJSNonRetriableError("the consumer is closed");
    return { generationId: this.#generation, leaderId: "somebody else", memberId: "this member", members: [], groupProtocol: "" };
  }

  async syncGroup({ generationId }: { readonly generationId: number }): Promise<object> {
    if (generationId !== this.#generation) throw rebalancing();
    this.#taken = generationId;
    return { memberAssignment: encodeAssignment({ partitions: this.#given ?? [], ownersRespected: false }) };
  }

  /** kafkajs asks after each fetch. */
  async heartbeat(): Promise<void> {
    if (this.isAhead) throw rebalancing();
  }

  /** Every partition is sought before it is read, so it does not matter from where kafkajs would start. */
  async offsetFetch({ topics }: { readonly topics: Offsets }): Promise<object> {
    return {
      responses: topics.map(({ topic, partitions }) => ({ topic, partitions: partitions.map(({ partition }) => ({ partition, offset: "0" })) })),
    };
  }

  /** The only thing that kafkajs commits by itself: its default offset, where the one to read next is not in the log. */
  async offsetCommit({ topics }: { readonly topics: Offsets }): Promise<void> {
    for (const { topic, partitions } of topics) for (const { partition } of partitions) this.#onOutOfRange({ topic, partition });
  }

  async leaveGroup(): Promise<void> {}
}

function rebalancing(): Error {
  return Object.assign(new kafkajs.KafkaJSProtocolError("the group has assigned anew"), { type: "REBALANCE_IN_PROGRESS" });
}
