import { BusError, type OutgoingRecord, type SendOutcome } from "@org/bus-core";
import type { Cluster } from "../client/cluster.js";
import { mayPass, ProtocolFault, toBusError } from "../client/faults.js";
import { within } from "../client/timing.js";
import { nameOf } from "../client/topic-partitions.js";
import { classify } from "./failure.js";
import { PartitionQueue } from "./partition-queue.js";
import { type BatchAnswer, unmentioned } from "./produce.js";
import type { ProducerIdentity } from "./producer-identity.js";

/** How long a topic that was just created may stay unknown to a broker. */
const MISSING_GRACE_MS = 1_000;
/** Of one request; a broker refuses one of 100 MiB. */
const MOST_REQUEST_BYTES = 16_000_000;

/** What a send needs of its producer. */
export interface SendContext {
  readonly cluster: Cluster;
  /** Under which records are written now. */
  identity(): Promise<ProducerIdentity>;
  /** Nothing new is written under it: something that was may be in the log, or not. */
  retire(identity: ProducerIdentity): void;
  /** One request to one broker. */
  produce(
    broker: number,
    identity: ProducerIdentity,
    queues: readonly PartitionQueue[],
    timeoutMs: number,
  ): Promise<ReadonlyMap<string, BatchAnswer>>;
}

interface Request {
  readonly broker: number;
  readonly identity: ProducerIdentity;
  readonly queues: PartitionQueue[];
}

/**
 * One call of `send`. Batches of a partition go one after the other, those of all partitions of a broker by one request, those of several brokers at once.
 * What fails is repeated with the same records under the same sequence numbers, so that a broker that has them already says so instead of writing them
 * twice. When that cannot be settled, the records fail as possibly written, and what follows is written under another identity.
 */
export class Send {
  readonly #context: SendContext;
  readonly #deadline: number;
  readonly #outcomes: SendOutcome[] = [];
  #queues: PartitionQueue[];

  constructor(context: SendContext, records: readonly OutgoingRecord[], timeoutMs: number) {
    this.#context = context;
    this.#deadline = context.cluster.timing.clock.now() + timeoutMs;
    const queues = new Map<string, PartitionQueue>();
    records.forEach((record, index) => {
      const name = nameOf(record);
      const queue = queues.get(name) ?? new PartitionQueue(record, this.#outcomes);
      queue.add(record, index);
      queues.set(name, queue);
    });
    this.#queues = [...queues.values()];
  }

  async run(): Promise<readonly SendOutcome[]> {
    const { cluster } = this.#context;
    for (let failures = 0; this.#queues.length > 0; ) {
      if (this.#remainingMs() === 0) {
        this.#giveUpAll();
        break;
      }
      if (await this.#round()) failures = 0;
      else await cluster.wait(failures++, this.#remainingMs());
      this.#queues = this.#queues.filter((queue) => !queue.empty);
    }
    return this.#outcomes;
  }

  /** Tries the first batch of every partition once. False when that got nowhere and has to wait. */
  async #round(): Promise<boolean> {
    try {
      await this.#learnLeaders();
      const requests = await this.#requests(await this.#context.identity());
      const moved = await Promise.all(requests.map((request) => this.#attempt(request)));
      return moved.includes(true);
    } catch (error) {
      // records are sent by `#attempt` only, which does not throw
      if (!mayPass(error)) for (const queue of this.#queues) this.#giveUp(queue, error);
      return false;
    }
  }

  async #learnLeaders(): Promise<void> {
    const { layout } = this.#context.cluster;
    const topics = new Set(this.#queues.filter((queue) => layout.leader(queue) === undefined).map(({ topic }) => topic));
    if (topics.size === 0) return;
    const found = await layout.refresh(topics);
    for (const queue of this.#queues) {
      const topic = found.get(queue.topic);
      if (topic === undefined) continue;
      if (topic instanceof ProtocolFault) this.#failed(queue, topic);
      else if (topic.leaders[queue.partition] === undefined) this.#failed(queue, missing(queue, topic.leaders.length));
    }
    this.#queues = this.#queues.filter((queue) => !queue.empty);
  }

  #requests(current: ProducerIdentity): readonly Request[] {
    const requests: (Request & { bytes: number })[] = [];
    for (const queue of this.#queues) {
      const broker = this.#context.cluster.layout.leader(queue);
      if (broker === undefined) continue;
      queue.identity ??= current;
      const { identity } = queue;
      const open = requests.find((each) => each.broker === broker && each.identity === identity && each.bytes < MOST_REQUEST_BYTES);
      if (open === undefined) requests.push({ broker, identity, queues: [queue], bytes: queue.bytes });
      else {
        open.queues.push(queue);
        open.bytes += queue.bytes;
      }
    }
    return requests;
  }

  async #attempt({ broker, identity, queues }: Request): Promise<boolean> {
    const { clock } = this.#context.cluster.timing;
    let answers: ReadonlyMap<string, BatchAnswer>;
    try {
      const remainingMs = this.#remainingMs();
      answers = await within(clock, remainingMs, this.#context.produce(broker, identity, queues, remainingMs));
    } catch (error) {
      return queues.map((queue) => this.#failed(queue, error)).includes(true);
    }
    const moved = queues.map((queue) => {
      const answer = answers.get(nameOf(queue));
      if (answer === undefined) return this.#failed(queue, unmentioned(queue));
      if ("fault" in answer) return this.#refused(queue, answer.fault, answer.records);
      queue.acknowledged(answer.baseOffset);
      return true;
    });
    return moved.includes(true);
  }

  /** The broker says which records of the batch it does not take: those fail alone. */
  #refused(queue: PartitionQueue, fault: ProtocolFault, records: ReadonlyMap<number, string>): boolean {
    if (records.size === 0 || queue.inDoubt) return this.#failed(queue, fault);
    const errors = [...records].map(([position, said]) => {
      const ofRecord = new ProtocolFault(fault.type, false, said || fault.message);
      return [position, this.#errorFor(queue, ofRecord)] as const;
    });
    queue.exclude(new Map(errors));
    return true;
  }

  /** True when the queue has moved on. */
  #failed(queue: PartitionQueue, error: unknown): boolean {
    const { remedy, uncertain } = classify(error);
    if (uncertain) queue.inDoubt = true;
    // whoever leads it may be another by now
    if (remedy === "retry" || remedy === "missing") this.#context.cluster.layout.forget(queue.topic);
    if (remedy === "retry") return false;
    if (remedy === "missing") {
      const now = this.#context.cluster.timing.clock.now();
      queue.missingSince ??= now;
      if (now - queue.missingSince < MISSING_GRACE_MS) return false;
    }
    if (remedy === "split" && !queue.inDoubt && queue.split()) return true;
    if (remedy === "renew" && !queue.inDoubt && queue.identity !== undefined) {
      this.#context.retire(queue.identity);
      queue.identity = undefined;
      return false;
    }
    this.#giveUp(queue, error);
    return true;
  }

  #giveUp(queue: PartitionQueue, error: unknown): void {
    if (queue.inDoubt && queue.identity !== undefined) this.#context.retire(queue.identity);
    queue.failed(this.#errorFor(queue, error));
  }

  #errorFor({ topic, partition, inDoubt: mayHaveBeenWritten }: PartitionQueue, fault: unknown): BusError {
    const { principal } = this.#context.cluster;
    const cause = toBusError(fault, { operation: `write to topic ${topic}`, principal, details: { topic, partition } });
    const code = cause.code === "transport_failed" ? "publish_failed" : cause.code;
    const { message, retryable, details } = cause;
    return new BusError(code, message, { cause: cause.cause, retryable, mayHaveBeenWritten, details });
  }

  #giveUpAll(): void {
    for (const queue of this.#queues) {
      const { topic, partition } = queue;
      while (!queue.empty) {
        const mayHaveBeenWritten = queue.inDoubt;
        if (mayHaveBeenWritten && queue.identity !== undefined) this.#context.retire(queue.identity);
        const known = mayHaveBeenWritten ? "it may be in the log all the same" : "it is not in the log";
        const message = `a record for ${topic}[${partition}] was not acknowledged in time; ${known}`;
        queue.failed(new BusError("publish_failed", message, { retryable: true, mayHaveBeenWritten, details: { topic, partition } }));
      }
    }
  }

  #remainingMs(): number {
    return Math.max(0, this.#deadline - this.#context.cluster.timing.clock.now());
  }
}

function missing(queue: PartitionQueue, partitions: number): ProtocolFault {
  return new ProtocolFault("UNKNOWN_TOPIC_OR_PARTITION", true, `topic ${queue.topic} has ${partitions} partitions, none is ${queue.partition}`);
}
