import {
  BusError,
  type CommitRequest,
  type ConsumerListener,
  type Logger,
  type PartitionEpoch,
  type TransportConsumer,
  type TransportConsumerOptions,
} from "@org/bus-core";
import { sleep } from "@org/bus-core/internal";
import type { KafkaAdmin } from "../admin/admin.js";
import type { Cluster } from "../client/cluster.js";
import { faultType, toBusError } from "../client/faults.js";
import { backoffMs, type Timing } from "../client/timing.js";
import type { ConsumerTuning } from "../options/options.js";
import { Session } from "./session.js";

export interface ConsumerDependencies extends Timing {
  /** Of a session. */
  readonly createCluster: () => Cluster;
  readonly admin: KafkaAdmin;
  readonly principal: string;
  readonly tuning: ConsumerTuning;
  readonly logger: Logger;
  readonly uniqueId: () => string;
}

const FATAL_CODES = ["fenced", "not_authorized", "not_authenticated", "unsupported", "unknown_topic", "offset_out_of_range"];
/** Settings that this group or this cluster will not take. */
const FATAL_ERRORS = [
  "INCONSISTENT_GROUP_PROTOCOL",
  "INVALID_SESSION_TIMEOUT",
  "INVALID_GROUP_ID",
  "GROUP_MAX_SIZE_REACHED",
  "GROUP_ID_NOT_FOUND",
  "INVALID_REQUEST",
];

const QUIET_FAILURES = 2;

/** A member of a group: one session after another, until it is closed or meets an error that will not pass. */
export class KafkaConsumer implements TransportConsumer {
  readonly #dependencies: ConsumerDependencies;
  readonly #options: TransportConsumerOptions;
  readonly #closed = new AbortController();
  readonly #started: Promise<void>;
  #resolveStart: () => void = () => {};
  #rejectStart: (error: BusError) => void = () => {};
  #hasStarted = false;
  #session: Session | undefined;
  #closing: Promise<void> | undefined;
  #epochs = 0;
  #failures = 0;

  constructor(dependencies: ConsumerDependencies, options: TransportConsumerOptions) {
    this.#dependencies = dependencies;
    this.#options = options;
    this.#started = new Promise((resolve, reject) => {
      this.#resolveStart = resolve;
      this.#rejectStart = reject;
    });
    // whoever does not call `start` does not wait for it
    this.#started.catch(() => {});
  }

  async start(listener: ConsumerListener): Promise<void> {
    if (this.#closed.signal.aborted) throw new BusError("closed", "the consumer is closed");
    await this.#checkTopics();
    this.#openSession(listener);
    await this.#started;
  }

  pause(partitions: readonly PartitionEpoch[]): void {
    this.#session?.pause(partitions);
  }

  resume(partitions: readonly PartitionEpoch[]): void {
    this.#session?.resume(partitions);
  }

  async commit(requests: readonly CommitRequest[]): Promise<void> {
    await this.#session?.commit(requests);
  }

  close(): Promise<void> {
    this.#closed.abort();
    this.#rejectStart(new BusError("closed", "the consumer was closed before it had joined the group"));
    this.#closing ??= this.#session?.close() ?? Promise.resolve();
    return this.#closing;
  }

  async #checkTopics(): Promise<void> {
    const missing = await this.#missingTopics();
    if (missing.length === 0) return;
    const list = `${missing.length === 1 ? "topic" : "topics"} ${missing.join(", ")}`;
    throw new BusError(
      "unknown_topic",
      `group ${this.#options.group} cannot read ${list}: not on the cluster; create with bus.topics.ensure([...contracts])`,
    );
  }

  #missingTopics(): Promise<readonly string[]> {
    return this.#dependencies.admin.missingTopics(this.#options.topics);
  }

  #openSession(listener: ConsumerListener): void {
    if (this.#closed.signal.aborted) return;
    const { createCluster, tuning, logger, uniqueId } = this.#dependencies;
    this.#session = new Session({
      cluster: createCluster(),
      tuning,
      logger,
      uniqueId,
      consumer: this.#options,
      listener,
      nextEpoch: () => ++this.#epochs,
      onAssigned: () => {
        this.#failures = 0;
        this.#hasStarted = true;
        this.#resolveStart();
      },
      onEnded: (error) => void this.#sessionEnded(listener, error),
    });
    this.#session.open();
  }

  async #sessionEnded(listener: ConsumerListener, error: unknown): Promise<void> {
    this.#session = undefined;
    const { principal, logger, clock, random } = this.#dependencies;
    const { group, topics } = this.#options;
    const failure = this.#nameTaken(error) ?? toBusError(error, { operation: `read ${topics.join(", ")} in group ${group}`, principal });
    if (await this.#isFatal(failure)) return this.#stop(listener, failure);
    const delayMs = backoffMs(this.#failures++, random);
    // now and then a coordinator moves or loads
    const level = this.#failures > QUIET_FAILURES ? "warn" : "info";
    logger[level]({ group, code: failure.code, error: failure.message, delayMs }, "the consumer has left its group and will join again");
    await sleep(clock, delayMs, this.#closed.signal);
    this.#openSession(listener);
  }

  #nameTaken(error: unknown): BusError | undefined {
    if (faultType(error) !== "FENCED_INSTANCE_ID") return undefined;
    const { instanceId } = this.#dependencies.tuning;
    const { group } = this.#options;
    const message = `another member of group ${group} has the consumer.instanceId ${instanceId}: give each process its own`;
    return new BusError("fenced", message, { cause: error, details: { group, instanceId } });
  }

  async #isFatal(failure: BusError): Promise<boolean> {
    // a broker that has just started may not know a topic yet, and one that was deleted may have been created again
    if (failure.code === "unknown_topic") return (await this.#missingTopics().catch(() => [])).length > 0;
    return FATAL_CODES.includes(failure.code) || FATAL_ERRORS.includes(faultType(failure));
  }

  #stop(listener: ConsumerListener, failure: BusError): void {
    if (this.#closed.signal.aborted) return;
    if (this.#hasStarted) listener.stopped(failure);
    else this.#rejectStart(failure);
  }
}
