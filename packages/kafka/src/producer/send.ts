import { BusError, type Clock, type OutgoingRecord, type SendOutcome } from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { RecordMetadata } from "kafkajs";
import type { Backoff } from "../client/backoff.js";
import { toBusError } from "../client/errors.js";
import { classify, type Failure } from "./failure.js";
import { PartitionQueue } from "./partition-queue.js";

/** How long a topic that was just created may stay unknown to a broker. */
const MISSING_GRACE_MS = 1_000;

/** What a send needs of its producer. */
export interface Session {
  /** One request to one broker, tried once. */
  request(queues: readonly PartitionQueue[], timeoutMs: number): Promise<readonly RecordMetadata[]>;
  /** The broker that leads a partition; undefined while it is not known. */
  leader(topic: string, partition: number): number | undefined;
  /** Gives up the sequence numbers used so far: whatever is sent next is new to the brokers. */
  renew(): void;
  readonly principal: string;
  readonly clock: Clock;
  readonly backoff: Backoff;
}

/**
 * One call of `send`. Batches of a partition go one after the other; those of all partitions of a broker share a request. Whatever fails is repeated
 * with the same records under the same sequence numbers, so that a broker that has them already says so instead of writing them twice. When that
 * cannot be settled, the records fail as possibly written, and the sequence numbers are given up.
 */
export class Send {
  readonly #session: Session;
  readonly #deadline: number;
  readonly #outcomes: SendOutcome[] = [];
  #queues: PartitionQueue[];
  /** The sequence numbers are to be given up, as soon as no batch is in doubt: with new ones it could not be repeated. */
  #renew = false;
  #expired = false;

  constructor(session: Session, records: readonly OutgoingRecord[], timeoutMs: number) {
    this.#session = session;
    this.#deadline = session.clock.now() + timeoutMs;
    const queues = new Map<string, Map<number, PartitionQueue>>();
    records.forEach((record, index) => {
      const { topic, partition } = record;
      const ofTopic = queues.get(topic) ?? new Map<number, PartitionQueue>();
      const queue = ofTopic.get(partition) ?? new PartitionQueue(topic, partition, this.#outcomes);
      queue.add(record, index);
      queues.set(topic, ofTopic.set(partition, queue));
    });
    this.#queues = [...queues.values()].flatMap((ofTopic) => [...ofTopic.values()]);
  }

  async run(): Promise<readonly SendOutcome[]> {
    for (let failures = 0; this.#queues.length > 0; ) {
      if (await this.#round()) failures = 0;
      else await sleep(this.#session.clock, Math.min(this.#session.backoff.delayMs(failures++), this.#remainingMs()));
      this.#queues = this.#queues.filter((queue) => !queue.empty);
      if (this.#remainingMs() === 0) this.#giveUpAll();
      this.#renewIfNeeded();
    }
    return this.#outcomes;
  }

  /** Tries the first batch of every partition once. False when that got nowhere and has to wait. */
  async #round(): Promise<boolean> {
    const byLeader = new Map<number, PartitionQueue[]>();
    const alone: PartitionQueue[] = [];
    for (const queue of this.#renew ? this.#queues.filter(({ inDoubt }) => inDoubt) : this.#queues) {
      const leader = this.#session.leader(queue.topic, queue.partition);
      const group = leader === undefined ? undefined : byLeader.get(leader);
      if (leader === undefined || queue.alone) alone.push(queue);
      else if (group === undefined) byLeader.set(leader, [queue]);
      else group.push(queue);
    }
    // One after the other: while several requests of a kafkajs client fail at once, it mixes up its brokers. And a topic that is missing makes it
    // fail for others at the same time.
    let moved = false;
    for (const group of [...byLeader.values(), ...alone.map((queue) => [queue])]) moved = (await this.#attempt(group)) || moved;
    return moved;
  }

  async #attempt(group: readonly PartitionQueue[]): Promise<boolean> {
    const remainingMs = this.#remainingMs();
    if (remainingMs === 0) return false;
    try {
      const results = await this.#session.request(group, remainingMs);
      for (const queue of group) {
        const result = results.find(({ topicName, partition }) => topicName === queue.topic && partition === queue.partition);
        if (result?.baseOffset === undefined) throw new Error(`kafkajs did not tell what became of ${queue.topic}[${queue.partition}]`);
        queue.acknowledged(Number(result.baseOffset));
      }
      return true;
    } catch (error) {
      return this.#failed(group, error);
    }
  }

  #failed(group: readonly PartitionQueue[], error: unknown): boolean {
    const failure = classify(error);
    if (failure.unanswered) for (const queue of group) queue.unanswered = true;
    if (failure.remedy === "regroup") return true;
    if (failure.remedy === "expired") this.#expired = true;
    const [first, ...others] = group;
    if (first !== undefined && others.length === 0) return this.#failedAlone(first, failure, error);
    // the answer names no partition, and others of the request may have been written
    for (const queue of group) {
      queue.unclear = true;
      queue.alone = failure.remedy !== "retry" && failure.remedy !== "expired";
    }
    return failure.remedy !== "retry";
  }

  #failedAlone(queue: PartitionQueue, { remedy, unanswered }: Failure, error: unknown): boolean {
    // now the answer is about this batch, and says that it was not written
    if (!unanswered && remedy !== "retry") queue.unclear = false;
    if (remedy === "retry" || remedy === "expired") return false;
    if (remedy === "missing") {
      // kafkajs may also have failed over another topic that it asked about at once: a new producer asks about this one only
      this.#renew = true;
      queue.missingSince ??= this.#session.clock.now();
      if (this.#session.clock.now() - queue.missingSince < MISSING_GRACE_MS) return false;
    }
    if (remedy === "split" && queue.split()) return true;
    if (remedy === "renew" && !queue.inDoubt) {
      this.#renew = true;
      return false;
    }
    this.#giveUp(queue, error);
    return true;
  }

  #giveUp(queue: PartitionQueue, error: unknown): void {
    if (queue.inDoubt) this.#renew = true;
    const { topic, partition, inDoubt: mayHaveBeenWritten } = queue;
    const cause = toBusError(error, { operation: `write to topic ${topic}`, principal: this.#session.principal, details: { topic, partition } });
    const code = cause.code === "transport_failed" ? "publish_failed" : cause.code;
    const { message, retryable, details } = cause;
    queue.failed(new BusError(code, message, { cause: cause.cause, retryable, mayHaveBeenWritten, details }));
  }

  #giveUpAll(): void {
    for (const queue of this.#queues) {
      const { topic, partition } = queue;
      while (!queue.empty) {
        const mayHaveBeenWritten = queue.inDoubt;
        if (mayHaveBeenWritten) this.#renew = true;
        const known = mayHaveBeenWritten ? "it may be in the log all the same" : "it is not in the log";
        const message = `a record for ${topic}[${partition}] was not acknowledged in time; ${known}`;
        queue.failed(new BusError("publish_failed", message, { retryable: true, mayHaveBeenWritten, details: { topic, partition } }));
      }
    }
    this.#queues = [];
  }

  #renewIfNeeded(): void {
    if (!this.#renew || this.#queues.some((queue) => queue.inDoubt)) return;
    this.#renew = false;
    this.#session.renew();
  }

  #remainingMs(): number {
    return this.#expired ? 0 : Math.max(0, this.#deadline - this.#session.clock.now());
  }
}
