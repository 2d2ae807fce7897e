import { BusError, type Clock, type Explanation, type Logger } from "@org/bus-core";
import { backoffMs, sleep } from "@org/bus-core/internal";
import type { ResolvedConnector } from "../define/options.js";
import { within } from "./close-task.js";
import { Movement } from "./movement.js";
import type { OpenedTask } from "./opened-task.js";
import { RetryLog } from "./retry-log.js";
import type { TaskStats } from "./task-stats.js";

/**
 * - `starting` → `running` ⇄ `paused`
 * - `restarting`: it has failed, and is tried again after a wait
 * - `failed`: for good, or after too many restarts in a row; `restart` begins anew
 * - `completed`: its source has ended, and all of it is written
 * - `stopped`: by `stop`, or because its split has moved to another process
 */
export type TaskState = "starting" | "running" | "paused" | "restarting" | "failed" | "completed" | "stopped";

/** How often it is looked whether it gets anywhere: often enough to tell that it did for a moment. */
const looksPerStall = 10;
const longestWatchMs = 1_000;

export interface ConnectorTaskInput {
  readonly id: string;
  readonly connector: ResolvedConnector;
  /** Also of earlier tasks of the split. */
  readonly stats: TaskStats;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  open(stats: TaskStats, ending: AbortController): Promise<OpenedTask>;
  /** Its state has changed. */
  onChange(): void;
}

/** One task of a connector: keeps it at work, restarts it with growing waits, gives up after so many. */
export class ConnectorTask {
  readonly stats: TaskStats;
  /** As it was last looked at. */
  readonly movement: Movement;
  restarts = 0;
  since: number;
  private readonly retries: RetryLog;
  private current: TaskState = "starting";
  private isPaused = false;
  private opened: OpenedTask | undefined;
  private stopping = new AbortController();
  private life: Promise<void> = Promise.resolve();
  /** It was asked to stop, which no restart undoes. */
  private isStopped = false;

  constructor(private readonly input: ConnectorTaskInput) {
    this.since = input.clock.now();
    this.stats = input.stats;
    this.movement = new Movement(this.since);
    this.retries = new RetryLog(input.logger, this.stats);
  }

  get lastError(): TaskStats["lastError"] {
    return this.stats.lastError;
  }

  get id(): string {
    return this.input.id;
  }

  get state(): TaskState {
    return this.current === "running" && this.isPaused ? "paused" : this.current;
  }

  /** Looks whether it gets anywhere. Gives what holds it up, record by record; undefined while it is not open. */
  look(): Explanation | undefined {
    const explanation = this.opened?.consumption.explain();
    const now = this.input.clock.now();
    this.movement.look(explanation, this.opened?.isExactlyOnce === true, now);
    this.retries.look(explanation, now);
    return explanation;
  }

  start(): void {
    this.stopping = new AbortController();
    this.restarts = 0;
    this.life = this.live(this.stopping.signal);
  }

  pause(): void {
    this.isPaused = true;
    this.opened?.consumption.pause();
    this.input.onChange();
  }

  resume(): void {
    this.isPaused = false;
    this.opened?.consumption.resume();
    this.input.onChange();
  }

  /** Finishes what is being written, stores the position, closes source and sink. Idempotent. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.stopping.abort();
    await this.life;
  }

  async restart(): Promise<void> {
    this.stopping.abort();
    await this.life;
    if (!this.isStopped) this.start();
  }

  private async live(stop: AbortSignal): Promise<void> {
    const { clock, logger, random, connector } = this.input;
    let inARow = 0;
    let failedAt: string | undefined;
    for (;;) {
      this.enter("starting");
      const written = this.stats.written;
      const error = await this.liveOnce(stop);
      if (stop.aborted) return this.enter("stopped");
      if (error === undefined) return this.enter("completed");
      this.stats.failed(error.message, clock.now());
      // what others are written around a record that always fails is no progress
      const place = placeOf(error);
      const isSameAgain = place !== undefined && place === failedAt;
      failedAt = place;
      if (this.stats.written > written && !isSameAgain) inARow = 0;
      if (!mayPass(error) || inARow >= connector.restart.attempts) {
        logger.error({ error: error.message, restarts: inARow }, "the task has failed");
        return this.enter("failed");
      }
      inARow++;
      this.restarts++;
      this.enter("restarting");
      const waitMs = Math.round(backoffMs({ ...connector.restart, jitter: 0.2 }, inARow, random));
      logger.warn({ error: error.message, waitMs, restarts: inARow }, "the task was interrupted and will be restarted");
      await sleep(clock, waitMs, stop);
      if (stop.aborted) return this.enter("stopped");
    }
  }

  /** Resolves when the task has ended and everything of it is closed: with what ended it, if that is a fault. */
  private async liveOnce(stop: AbortSignal): Promise<BusError | undefined> {
    const { clock, logger, connector } = this.input;
    const ending = new AbortController();
    let opened: OpenedTask | undefined;
    let endWatch = () => {};
    try {
      const opening = this.input.open(this.stats, ending);
      // one that is stopped while it opens need not get through
      await Promise.race([opening, aborted(stop)]);
      if (stop.aborted) {
        ending.abort();
        if (!(await within(clock, connector.drainTimeoutMs, opening))) {
          logger.warn({ drainTimeoutMs: connector.drainTimeoutMs }, "the task was still opening when it was stopped");
          void opening.then((late) => late.close()).catch(() => {});
          return undefined;
        }
      }
      opened = await opening;
      this.opened = opened;
      endWatch = repeat(clock, Math.min(longestWatchMs, connector.stallAfterMs / looksPerStall), () => this.look());
      if (this.isPaused) opened.consumption.pause();
      void opened.consumption.started.then(
        () => this.enter("running", "starting"),
        () => {},
      );
      await Promise.race([opened.ended, aborted(stop)]);
      await opened.close();
      return undefined;
    } catch (error) {
      await opened?.close().catch(() => {});
      return BusError.from(error, "transport_failed", { retryable: true });
    } finally {
      ending.abort();
      endWatch();
      this.opened = undefined;
    }
  }

  private enter(state: TaskState, only?: TaskState): void {
    if (only !== undefined && this.current !== only) return;
    this.current = state;
    this.since = this.input.clock.now();
    this.input.onChange();
  }
}

/** Runs `work` every so often, until the returned function is called. */
function repeat(clock: Clock, everyMs: number, work: () => void): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.schedule(everyMs, () => {
      work();
      next();
    });
  };
  next();
  return () => cancel();
}

/** Where the record lies that ended the task; undefined when none did. */
function placeOf({ details: { topic, partition, offset } }: BusError): string | undefined {
  return offset === undefined ? undefined : `${topic}[${partition}]@${offset}`;
}

/** The engine's error says that it gave up on a record; whether the fault may pass, what it gave up on says. */
function mayPass(error: BusError): boolean {
  const gaveUp = error.code === "handler_failed" && "attempts" in error.details;
  return gaveUp && error.cause instanceof BusError ? error.cause.retryable : error.retryable;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
