import { sleep } from "../clock.js";
import type { AnyContract } from "../contract/contract.js";
import { topicOf } from "../contract/topic-of.js";
import { BusError } from "../errors.js";
import { backoffMs } from "../failure/backoff.js";
import { deadLetterTopic } from "../failure/dead-letter-topic.js";
import { ObservedStream } from "../health/observed-stream.js";
import { openStream } from "../health/open-streams.js";
import type { Consumption, ConsumptionState, Explanation } from "./consumption.js";
import type { ConsumeDependencies } from "./dependencies.js";
import { createTransactionalProducer } from "./exactly-once/transactional-committer.js";
import type { ConsumptionFace } from "./face.js";
import type { OpenConsumptions } from "./open-consumptions.js";
import type { ConsumptionOptions } from "./options.js";
import { type HandlerScope, handlerScope } from "./run/handler-scope.js";
import { Run } from "./run/run.js";
import type { RunEnd, RunInput } from "./run/run-input.js";

const restartBackoff = { initialBackoffMs: 100, maxBackoffMs: 30_000, jitter: 0.2 };

/**
 * Starts to consume the topics of `contracts` into `face`.
 *
 * @throws {BusError} `invalid_options` for contracts without a topic, a group that reads other topics already, and names that are too long; `unsupported` for
 * exactly once on a transport without transactions
 * @internal
 */
export function openConsumption(
  dependencies: ConsumeDependencies,
  contracts: readonly AnyContract[],
  options: ConsumptionOptions,
  face: ConsumptionFace,
): Consumption {
  const byTopic = contractsByTopic(contracts);
  if (options.exactlyOnce !== undefined) createTransactionalProducer(dependencies.transport);
  // a name that is too long is refused before anything is read
  if (options.failure.otherwise === "deadLetter") for (const topic of byTopic.keys()) deadLetterTopic(topic, options.group);
  return new SupervisedConsumption({
    dependencies,
    contracts: byTopic,
    options,
    face,
    leftovers: dependencies.consumptions.leftoversOf(options.group),
  });
}

function contractsByTopic(contracts: readonly AnyContract[]): ReadonlyMap<string, AnyContract> {
  if (contracts.length === 0) throw new BusError("invalid_options", "a stream needs at least one contract");
  for (const contract of contracts) {
    if (typeof contract === "object" && contract !== null) continue;
    throw new BusError("invalid_options", `contract must be the contract of a message, as bus gen writes it, is ${String(contract)}`);
  }
  return new Map(contracts.map((contract) => [topicOf(contract).name, contract]));
}

/** Keeps a run alive: after a fault that may pass, the next one follows with growing waits. */
class SupervisedConsumption implements Consumption, HandlerScope {
  readonly consumptions: OpenConsumptions;
  readonly started: Promise<void>;
  readonly closed: Promise<void>;
  private phase: Exclude<ConsumptionState, "paused"> = "starting";
  private paused = false;
  private lastFault: Explanation["lastFault"];
  private run: Run | undefined;
  private readonly closing = new AbortController();
  private readonly leave: () => void;
  private readonly disappear: () => void;
  private resolveStarted: () => void = () => {};
  private rejectStarted: (error: BusError) => void = () => {};
  private readonly input: RunInput;

  constructor(input: Omit<RunInput, "scope">) {
    this.input = { ...input, scope: this };
    const { dependencies, contracts, options } = input;
    this.consumptions = dependencies.consumptions;
    this.leave = dependencies.consumptions.add(options.group, [...contracts.keys()], () => this.end());
    this.disappear = openStream(
      new ObservedStream({
        clock: dependencies.clock,
        explain: () => this.explain(),
        readLogEnds: async () => {
          await this.run?.readLogEnds();
        },
      }),
    );
    this.started = new Promise((resolve, reject) => {
      this.resolveStarted = resolve;
      this.rejectStarted = reject;
    });
    this.closed = this.supervise();
    // both are for those who ask; a failure is logged in any case
    this.started.catch(() => {});
    this.closed.catch(() => {});
  }

  get state(): ConsumptionState {
    return this.phase === "running" && this.paused ? "paused" : this.phase;
  }

  explain(): Explanation {
    return {
      group: this.input.options.group,
      topics: [...this.input.contracts.keys()],
      state: this.state,
      lastFault: this.lastFault,
      inFlight: this.run?.inFlight ?? 0,
      overdue: this.run?.overdue ?? 0,
      waiting: this.run?.waiting ?? 0,
      stages: this.run?.explainStages() ?? [],
      partitions: this.run?.explain() ?? [],
    };
  }

  pause(): void {
    if (!this.paused) this.tell("paused");
    this.paused = true;
    this.run?.partitions.pause();
  }

  resume(): void {
    if (this.paused) this.tell(this.phase);
    this.paused = false;
    this.run?.partitions.resume();
  }

  close(): Promise<void> {
    const ended = this.end();
    return handlerScope.getStore() === this ? Promise.race([ended, this.othersEnded()]) : ended;
  }

  async othersEnded(): Promise<void> {
    await this.run?.othersEnded();
  }

  private async end(): Promise<void> {
    if (this.phase !== "closed" && this.phase !== "failed") this.enter("closing");
    this.closing.abort();
    this.run?.close();
    await this.closed.catch(() => {});
    this.disappear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** One line for each change of the state; that of a fault has its own. */
  private enter(phase: "running" | "closing" | "closed"): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.tell(this.state);
  }

  private tell(state: ConsumptionState): void {
    const { dependencies, options, contracts } = this.input;
    dependencies.logger.info({ group: options.group, topics: [...contracts.keys()], state }, `the stream is ${state}`);
  }

  private async supervise(): Promise<void> {
    const { clock, logger, random } = this.input.dependencies;
    const { group, beginsAnew = true } = this.input.options;
    for (let failures = 1; ; failures++) {
      const since = clock.now();
      const end = await this.runOnce();
      if (end.reason !== "close") this.lastFault = { code: end.error.code, message: end.error.message, at: clock.now() };
      if (end.reason === "stop") throw this.failed(end.error);
      if (end.reason === "close" || this.closing.signal.aborted) break;
      if (!beginsAnew) throw this.interrupted(end.error);
      if (clock.now() - since > restartBackoff.maxBackoffMs) failures = 1;
      const waitMs = Math.round(backoffMs(restartBackoff, failures, random ?? Math.random));
      this.phase = "restarting";
      logger.warn({ group, code: end.error.code, error: end.error.message, waitMs }, "the stream was interrupted and will begin anew");
      await sleep(clock, waitMs, this.closing.signal);
      if (this.closing.signal.aborted) break;
    }
    this.leave();
    this.enter("closed");
    this.rejectStarted(new BusError("closed", `the stream of group ${group} was closed before it had joined the group`));
  }

  private async runOnce(): Promise<RunEnd> {
    let run: Run;
    try {
      run = new Run(this.input);
    } catch (error) {
      return { reason: "stop", error: BusError.from(error, "transport_failed"), drain: false };
    }
    this.run = run;
    if (this.paused) run.partitions.pause();
    const end = await run.live(() => {
      if (!this.closing.signal.aborted) this.enter("running");
      this.resolveStarted();
    });
    this.run = undefined;
    return end;
  }

  private failed(error: BusError): BusError {
    this.endWith(error);
    const { details } = error;
    this.input.dependencies.logger.error(
      { group: this.input.options.group, code: error.code, error: error.message, details },
      "the stream has stopped",
    );
    return error;
  }

  /** Whoever has opened it will try again, and tell. */
  private interrupted(cause: BusError): BusError {
    const { code, message, details } = cause;
    const error = new BusError(code, message, { cause, details, retryable: true });
    this.endWith(error);
    return error;
  }

  private endWith(error: BusError): void {
    this.leave();
    this.phase = "failed";
    // until then it is seen that it has failed
    this.consumptions.onClosed(this.disappear);
    this.rejectStarted(error);
  }
}
