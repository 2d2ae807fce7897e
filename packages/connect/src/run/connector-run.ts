import { metrics } from "@opentelemetry/api";
import { type Bus, BusError } from "@org/bus-core";
import { backoffMs, busInternals, messageOf, sleep } from "@org/bus-core/internal";
import type { ConnectorContext } from "../context.js";
import type { DeadLetterStore } from "../dead-letters/dead-letter-store.js";
import type { ResolvedConnector } from "../define/options.js";
import { ownerOf } from "../define/owner-of.js";
import type { PositionStore, Positions } from "../positions/position-store.js";
import { checkedSplits } from "../source/checked-splits.js";
import type { Position, Split } from "../source/source.js";
import { within } from "../task/close-task.js";
import { ConnectorTask } from "../task/connector-task.js";
import { exactlyOnceOf } from "../task/engine-options.js";
import { METER, taskEnvironment } from "../task/environment.js";
import { openTopicTask } from "../task/open-topic-task.js";
import { fenceSplit } from "../task/split/fence-split.js";
import { openSplitTask } from "../task/split/open-split-task.js";
import { loggerWith } from "../task/task-logger.js";
import { unlessAborted } from "../task/unless-aborted.js";
import { observeConnector } from "../telemetry/connect-instruments.js";
import { groupOf, TopicSource } from "../topic/from-topic.js";
import { connectorStatus } from "./connector-status.js";
import { checkKnown } from "./known-split.js";
import { Nudge } from "./nudge.js";
import type { RunningConnector } from "./running-connector.js";
import { isCompleted, type SplitTask, SplitTasks } from "./split-tasks.js";
import type { ConnectorStatus, SplitStatus } from "./status.js";
import { committedOffsets, refuseChange } from "./topic-offsets.js";
import { Waiting } from "./waiting.js";
import { WaitingFences } from "./waiting-fences.js";
import { wholeSource } from "./whole-source.js";

const TOPIC_TASK = "topic";

/** Finds the splits of a source, and keeps a task at work for each that is this process's. */
export class ConnectorRun implements RunningConnector {
  finished: Promise<void>;
  private readonly splits: SplitTasks;
  private finish = Promise.withResolvers<void>();
  private readonly internals;
  private positionsOpened: Promise<Positions> | undefined;
  private stopping = new AbortController();
  private life: Promise<void>;
  /** Restarts, stops and changes of positions: one after another. */
  private turn: Promise<unknown> = Promise.resolve();
  /** All splits of the source, whosever they are. */
  private listed: readonly Split[] = [];
  private readonly nudge = new Nudge();
  private readonly waiting: Waiting;
  private readonly fences: WaitingFences;
  private listedAt = 0;
  private isPaused = false;
  private lastError: ConnectorStatus["lastError"];
  private failure: BusError | undefined;
  private isStopped = false;
  /** Nothing is at work any more. */
  private isOver = false;

  constructor(
    private readonly bus: Bus,
    private readonly connector: ResolvedConnector,
    private readonly store: PositionStore,
    private readonly deadLetters: DeadLetterStore | undefined,
  ) {
    this.internals = busInternals(bus);
    this.splits = new SplitTasks(connector.name);
    const { clock, transport } = this.internals;
    const logger = loggerWith(this.internals.logger, { connector: connector.name });
    this.waiting = new Waiting({ clock, logger, stallAfterMs: connector.stallAfterMs });
    const isExactlyOnce = exactlyOnceOf(connector, transport.features.transactions) !== undefined;
    const fence = (split: string) => fenceSplit(transport, connector.name, split);
    this.fences = new WaitingFences(isExactlyOnce ? fence : undefined, logger);
    // it ends with the bus
    this.internals.consumptions.add(`connector ${connector.name}`, [], () => this.stop());
    this.finished = this.finish.promise;
    observeConnector({ owner: ownerOf(this.connector), status: () => this.status(), now: () => this.internals.clock.now() });
    this.life = this.begin();
  }

  get name(): string {
    return this.connector.name;
  }

  status(): ConnectorStatus {
    return connectorStatus(this.connector, this.splits, {
      now: this.internals.clock.now(),
      lastError: this.lastError,
      waitingFor: this.waiting.current,
      failure: this.failure,
      isStopped: this.isStopped,
      isPaused: this.isPaused,
      isOver: this.isOver,
      isListed: this.listedAt > 0,
    });
  }

  pause(): void {
    this.isPaused = true;
    for (const { task } of this.splits) task?.pause();
  }

  resume(): void {
    this.isPaused = false;
    for (const { task } of this.splits) task?.resume();
  }

  restart(task?: string): Promise<void> {
    return this.inTurn(async () => {
      if (task === undefined || this.isOver) return this.beginAnew();
      const found = this.splits.taskOf(task);
      if (found === undefined) throw new BusError("invalid_options", `${this.name} has no task ${task} (there are ${this.splits.ids.join(", ")})`);
      await found.restart();
    });
  }

  async stop(): Promise<void> {
    // what is under way ends at once, and a restart that is due is undone
    this.halt();
    await this.inTurn(() => this.end());
  }

  async positions(): Promise<readonly SplitStatus[]> {
    const { source } = this.connector;
    if (source instanceof TopicSource) return committedOffsets(this.bus, source, groupOf(this.connector, source));
    const all = await this.withPositions((positions) => positions.all());
    return [...all].map(([split, { position, offset }]) => ({ split, position, records: offset }));
  }

  async setPosition(split: string, position: Position | undefined): Promise<void> {
    const { source } = this.connector;
    if (source instanceof TopicSource) throw refuseChange(this.name, groupOf(this.connector, source));
    // what a stop still writes stores positions, too
    await this.inTurn(async () => {
      if (!this.isStopped) throw new BusError("invalid_options", `positions of ${this.name} can be changed only while it is stopped`);
      await this.withPositions(async (positions) => {
        // where another process reads the split, it does not become ours
        if (!positions.owns(split))
          throw new BusError("invalid_options", `split ${split} of ${this.name} is at work in another process: stop it there, too`);
        const listed = this.listed.map(({ id }) => id);
        // one that could not be asked for its splits may have any; what is stored of a listed one need not even be readable
        if (this.listedAt > 0 && !listed.includes(split)) checkKnown(this.name, split, new Set([...listed, ...(await positions.all()).keys()]));
        if (position === undefined) await positions.clear(split);
        else await positions.store(split, { position, offset: 0 });
      });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.turn.then(work);
    this.turn = done.catch(() => {});
    return done;
  }

  private halt(): void {
    this.isStopped = true;
    this.stopping.abort();
    this.nudge.give();
  }

  private async end(): Promise<void> {
    this.halt();
    await this.life;
  }

  private async beginAnew(): Promise<void> {
    await this.end();
    this.stopping = new AbortController();
    this.isStopped = false;
    this.isOver = false;
    this.failure = undefined;
    this.splits.clear();
    this.listedAt = 0;
    this.life = this.begin();
  }

  /** Those that are open; one that is stopped opens them for the length of `work`. */
  private async withPositions<T>(work: (positions: Positions) => Promise<T>): Promise<T> {
    if (this.positionsOpened !== undefined) return work(await this.positionsOpened);
    const positions = await this.store.open(this.name, this.bus, { changed() {}, async leaving() {} });
    try {
      await positions.settled;
      return await work(positions);
    } finally {
      await positions.close();
    }
  }

  private openedPositions(): Promise<Positions> {
    this.positionsOpened ??= this.store.open(this.name, this.bus, {
      changed: () => this.nudge.give(),
      leaving: (moves) => this.splits.letGo(moves),
    });
    this.positionsOpened.catch(() => {
      this.positionsOpened = undefined;
    });
    return this.positionsOpened;
  }

  private begin(): Promise<void> {
    this.finish = Promise.withResolvers();
    this.finished = this.finish.promise;
    this.finished.catch(() => {});
    return this.live();
  }

  /** From the start to the end of all tasks. Never rejects. */
  private async live(): Promise<void> {
    const { signal } = this.stopping;
    try {
      if (this.connector.source instanceof TopicSource) this.startTopicTask(this.connector.source);
      else await this.findSplits(signal);
      await this.untilEnded(signal);
    } catch (error) {
      this.failure = BusError.from(error, "transport_failed");
    }
    await Promise.all([...this.splits].flatMap(({ task, fencing }) => [task?.stop(), this.inTime(fencing)]));
    await this.closePositions();
    this.isOver = true;
    this.failure ??= this.failedTask();
    if (this.failure === undefined) this.finish.resolve();
    else this.finish.reject(this.failure);
  }

  /** Those that are still being opened are closed when they come. */
  private async closePositions(): Promise<void> {
    const closed = this.positionsOpened?.then((positions) => positions.close()).catch(() => {});
    this.positionsOpened = undefined;
    await this.inTime(closed);
  }

  /** What takes longer to end goes on by itself. */
  private async inTime(work: Promise<void> | undefined): Promise<void> {
    if (work !== undefined) await within(this.internals.clock, this.connector.drainTimeoutMs, work);
  }

  private failedTask(): BusError | undefined {
    const failed = [...this.splits].find(({ task }) => task?.state === "failed")?.task;
    return failed && new BusError("handler_failed", `task ${failed.id} of ${this.name} has failed: ${failed.lastError?.message}`);
  }

  /** Resolves when no task is left that could go on. */
  private async untilEnded(signal: AbortSignal): Promise<void> {
    const { source, splitsIntervalMs } = this.connector;
    const { clock } = this.internals;
    const hasEnd = source.bounded === true || source.splits === undefined;
    while (!signal.aborted) {
      await this.addOwned();
      this.startWaiting();
      await this.fenceWaiting(signal);
      const left = [...this.splits].filter((each) => !isCompleted(each));
      if (left.every(({ task }) => task?.state === "failed")) {
        if (left.length > 0 || (hasEnd && (await this.isAllDone()))) return;
      }
      const dueInMs = Math.max(0, this.listedAt + splitsIntervalMs - clock.now());
      await this.nudge.wait(clock, source.splits === undefined ? undefined : dueInMs, signal);
      if (source.splits !== undefined && clock.now() >= this.listedAt + splitsIntervalMs) await this.findSplits(signal);
    }
  }

  /** Whether the whole source has been read, what is other processes' included. Ours is done. */
  private async isAllDone(): Promise<boolean> {
    const done = this.listed.filter(({ id }) => this.splits.has(id));
    if (done.length === this.listed.length) return true;
    const positions = await this.openedPositions();
    await positions.markDone(done);
    return this.listed.every((split) => this.splits.has(split.id) || positions.isDone(split));
  }

  /** Looks for splits; a fault that may pass is tried again as that of a task is. */
  private async findSplits(signal: AbortSignal): Promise<void> {
    const { source, restart } = this.connector;
    const { clock, random = Math.random } = this.internals;
    const context = this.context(signal);
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        const settled = this.openedPositions().then((positions) => positions.settled);
        await this.waiting.for("its positions", unlessAborted(signal, settled));
        if (signal.aborted) return;
        const splits = source.splits?.(context);
        if (splits === undefined) this.listed = [wholeSource];
        else {
          const found = await this.waiting.for("the splits of its source", unlessAborted(signal, splits));
          if (signal.aborted) return;
          this.listed = checkedSplits(source.name, found);
        }
        this.listedAt = clock.now();
        return;
      } catch (error) {
        this.lastError = { message: messageOf(error), at: clock.now() };
        if ((error instanceof BusError && !error.retryable) || failures > restart.attempts) throw error;
        context.logger.warn({ error: messageOf(error), failures }, "the splits of the source could not be found; it is tried again");
        await sleep(clock, backoffMs({ ...restart, jitter: 0.2 }, failures, random), signal);
      }
    }
  }

  private async addOwned(): Promise<void> {
    if (this.positionsOpened === undefined) return;
    const positions = await this.positionsOpened;
    for (const split of this.listed) if (positions.owns(split.id)) this.splits.add(split);
    this.splits.tidy(this.listed);
  }

  private startWaiting(): void {
    let atWork = 0;
    for (const { task } of this.splits) if (task !== undefined && task.state !== "completed" && task.state !== "failed") atWork++;
    for (const entry of this.splits) {
      if (entry.task !== undefined || entry.isPast || atWork >= this.connector.maxTasks) continue;
      atWork++;
      const { split } = entry;
      entry.task = this.startTask(split.id, async (task, ending) => {
        await entry.fencing;
        return openSplitTask(
          taskEnvironment(this.bus, this.connector, split.id, task, ending),
          split,
          await this.openedPositions(),
          this.deadLetters,
        );
      });
    }
  }

  private async fenceWaiting(signal: AbortSignal): Promise<void> {
    const positions = await this.positionsOpened;
    if (positions === undefined) return;
    const isNeeded = (entry: SplitTask) => !signal.aborted && this.splits.holds(entry) && positions.isHidden(entry.split.id);
    for (const entry of this.splits) if (entry.task === undefined && !entry.isPast) this.fences.add(entry, () => isNeeded(entry));
  }

  private startTopicTask(source: TopicSource<unknown>): void {
    const entry = this.splits.add({ id: TOPIC_TASK });
    if (entry === undefined) return;
    entry.task = this.startTask(TOPIC_TASK, (stats, ending) =>
      openTopicTask(taskEnvironment(this.bus, this.connector, TOPIC_TASK, stats, ending), source),
    );
  }

  private startTask(id: string, open: ConstructorParameters<typeof ConnectorTask>[0]["open"]): ConnectorTask {
    const { clock, random = Math.random } = this.internals;
    const logger = loggerWith(this.internals.logger, { connector: this.name, task: id });
    const stats = this.splits.statsOf(id);
    const task = new ConnectorTask({ id, connector: this.connector, stats, clock, logger, random, open, onChange: () => this.nudge.give() });
    if (this.isPaused) task.pause();
    task.start();
    return task;
  }

  private context(signal: AbortSignal): ConnectorContext {
    const { clock, logger } = this.internals;
    return { connector: this.name, signal, clock, logger: loggerWith(logger, { connector: this.name }), meter: metrics.getMeter(METER) };
  }
}
