import { type Clock, sleep } from "../../clock.js";
import { BusError } from "../../errors.js";
import type { Logger } from "../../logger.js";
import type { CommitRequest, ConsumerListener, PartitionEpoch, TransportConsumer, TransportConsumerOptions } from "../transport.js";

/** One membership of the group; the consumer has one after another. */
export interface ConsumerSession {
  /** Joins the group. */
  open(): void;
  pause(partitions: readonly PartitionEpoch[]): void;
  resume(partitions: readonly PartitionEpoch[]): void;
  position(partition: PartitionEpoch): number | undefined;
  commit(requests: readonly CommitRequest[]): Promise<void>;
  /** Leaves the group. */
  close(): Promise<void>;
}

/** What a session tells its consumer, and asks of it. */
export interface SessionOwner {
  readonly listener: ConsumerListener;
  /** A number that no assignment of the consumer had. */
  readonly nextEpoch: () => number;
  /** The listener has taken an assignment. */
  readonly onAssigned: () => void;
  /** The session is over; its partitions have been reported lost. Not called after `close`. */
  readonly onEnded: (error: unknown) => void;
}

export interface GroupConsumerOptions {
  readonly subscription: TransportConsumerOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly createSession: (owner: SessionOwner) => ConsumerSession;
  /** Those of the subscription that are not on the cluster. */
  readonly missingTopics: () => Promise<readonly string[]>;
  /** What ended a session, in our words. */
  readonly toBusError: (error: unknown) => BusError;
  /** Whether this group or this cluster will answer the same the next time, for another reason than the code of the error. */
  readonly isFatal: (failure: BusError) => boolean;
  /** Before session number `failures` (from 0) is replaced. */
  readonly delayMs: (failures: number) => number;
}

const FATAL_CODES = ["not_authorized", "not_authenticated", "unsupported", "offset_out_of_range"];

/** Now and then a coordinator moves or loads. */
const QUIET_FAILURES = 2;

/** A member of a group: one session after another, until it is closed or meets an error that will not pass. */
export class GroupConsumer implements TransportConsumer {
  readonly #options: GroupConsumerOptions;
  readonly #closed = new AbortController();
  readonly #started = Promise.withResolvers<void>();
  #hasStarted = false;
  #session: ConsumerSession | undefined;
  #closing: Promise<void> | undefined;
  #epochs = 0;
  #failures = 0;

  constructor(options: GroupConsumerOptions) {
    this.#options = options;
    // whoever does not call `start` does not wait for it
    this.#started.promise.catch(() => {});
  }

  async start(listener: ConsumerListener): Promise<void> {
    if (this.#closed.signal.aborted) throw new BusError("closed", "the consumer is closed");
    await this.#checkTopics();
    this.#openSession(listener);
    await this.#started.promise;
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    this.#session?.pause(partitions);
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    this.#session?.resume(partitions);
  }

  position(partition: PartitionEpoch): number | undefined {
    return this.#session?.position(partition);
  }

  async commit(requests: readonly CommitRequest[]): Promise<void> {
    if (this.#session === undefined)
      throw new BusError("fenced", `group ${this.#options.subscription.group}: the consumer is in no group at the moment`);
    await this.#session.commit(requests);
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#started.reject(new BusError("closed", "the consumer was closed before it had joined the group"));
    this.#closing ??= this.#session?.close() ?? Promise.resolve();
    return this.#closing;
  }

  async #checkTopics(): Promise<void> {
    const missing = await this.#options.missingTopics();
    if (missing.length === 0) return;
    const list = `${missing.length === 1 ? "topic" : "topics"} ${missing.join(", ")}`;
    throw new BusError(
      "unknown_topic",
      `group ${this.#options.subscription.group} cannot read ${list}, not on the cluster; create what is missing with bus.topics.ensure([...contracts])`,
    );
  }

  #openSession(listener: ConsumerListener): void {
    if (this.#closed.signal.aborted) return;
    this.#session = this.#options.createSession({
      listener,
      nextEpoch: () => ++this.#epochs,
      onAssigned: () => {
        this.#failures = 0;
        this.#hasStarted = true;
        this.#started.resolve();
      },
      onEnded: (error) => void this.#sessionEnded(listener, error),
    });
    this.#session.open();
  }

  async #sessionEnded(listener: ConsumerListener, error: unknown): Promise<void> {
    this.#session = undefined;
    const { subscription, clock, logger, toBusError, delayMs: delayAfter } = this.#options;
    const failure = toBusError(error);
    if (await this.#isFatal(failure)) return this.#stop(listener, failure);
    const delayMs = delayAfter(this.#failures++);
    const level = this.#failures > QUIET_FAILURES ? "warn" : "info";
    logger[level](
      { group: subscription.group, code: failure.code, error: failure.message, delayMs },
      "the consumer has left its group and will join again",
    );
    await sleep(clock, delayMs, this.#closed.signal);
    this.#openSession(listener);
  }

  async #isFatal(failure: BusError): Promise<boolean> {
    const { missingTopics, isFatal } = this.#options;
    // a broker that has just started may not know a topic yet, and one that was deleted may have been created again
    if (failure.code === "unknown_topic") return (await missingTopics().catch(() => [])).length > 0;
    return FATAL_CODES.includes(failure.code) || isFatal(failure);
  }

  #stop(listener: ConsumerListener, failure: BusError): void {
    if (this.#closed.signal.aborted) return;
    if (this.#hasStarted) listener.stopped(failure);
    else this.#started.reject(failure);
  }
}
