import type { BusError } from "@org/bus-core";
import type { ResolvedConnector } from "../define/options.js";
import type { ConnectorTask } from "../task/connector-task.js";
import type { SplitTasks } from "./split-tasks.js";
import type { ConnectorState, ConnectorStatus, TaskStatus } from "./status.js";

export interface ConnectorFacts {
  readonly now: number;
  readonly lastError: ConnectorStatus["lastError"];
  readonly waitingFor: ConnectorStatus["waitingFor"];
  readonly failure: BusError | undefined;
  readonly isStopped: boolean;
  readonly isPaused: boolean;
  /** Nothing is at work any more, nor will be. */
  readonly isOver: boolean;
  /** The splits of the source are known. */
  readonly isListed: boolean;
}

/** What there is to say of a connector, from what is known of its tasks. */
export function connectorStatus(connector: ResolvedConnector, splits: SplitTasks, facts: ConnectorFacts): ConnectorStatus {
  const told = [...splits].filter(({ isPast }) => !isPast);
  const tasks = told.map(({ split: { id }, task }) => (task === undefined ? waiting(id, facts.now) : taskStatus(connector, task, facts.now)));
  const state = stateOf(tasks, facts);
  const { waitingFor, now } = facts;
  const stalled = waitingFor !== undefined && now - waitingFor.since >= connector.stallAfterMs;
  return {
    name: connector.name,
    state,
    healthy: state !== "failed" && !stalled && !tasks.some((task) => task.stalled),
    stalled,
    waitingFor,
    source: connector.source.name,
    sink: connector.sink.name,
    lastError: tasks.reduce((last, { lastError }) => ((lastError?.at ?? 0) > (last?.at ?? 0) ? lastError : last), facts.lastError),
    tasks,
    past: { ...splits.past },
  };
}

function stateOf(tasks: readonly TaskStatus[], { failure, isStopped, isPaused, isOver, isListed }: ConnectorFacts): ConnectorState {
  const has = (state: ConnectorState) => tasks.some((task) => task.state === state);
  if (failure !== undefined || has("failed")) return "failed";
  if (isStopped) return "stopped";
  const isRead = tasks.every((task) => task.state === "completed");
  if (isRead && isOver) return "completed";
  if (isPaused) return "paused";
  if (isRead && isListed) return "waiting";
  if (has("restarting")) return "restarting";
  return has("running") || has("completed") ? "running" : "starting";
}

function taskStatus({ stallAfterMs }: ResolvedConnector, task: ConnectorTask, now: number): TaskStatus {
  const { id, state, since, restarts, lastError, stats } = task;
  const partitions = task.look()?.partitions ?? [];
  const { inFlight, movedAt } = task.movement;
  const lags = partitions.map(({ logEnd, frontier }) => logEnd - frontier);
  const isAtWork = state === "running";
  const { read, written, retried, deadLettered, lastReadAt, lastWrittenAt, progress } = stats;
  return {
    id,
    state,
    since,
    restarts,
    lastError,
    read,
    written,
    retried,
    deadLettered,
    inFlight,
    lastReadAt,
    lastWrittenAt,
    lag: id === "topic" && partitions.length > 0 ? lags.reduce((sum, lag) => sum + lag, 0) : undefined,
    stalled: (state === "starting" || (isAtWork && inFlight > 0)) && now - (isAtWork ? Math.max(since, movedAt) : since) >= stallAfterMs,
    idle: isAtWork && inFlight === 0 && now - Math.max(since, lastReadAt ?? 0) >= stallAfterMs,
    progress,
  };
}

function waiting(id: string, now: number): TaskStatus {
  const nothing = { restarts: 0, lastError: undefined, read: 0, written: 0, retried: 0, deadLettered: 0, inFlight: 0 };
  return {
    id,
    state: "waiting",
    since: now,
    ...nothing,
    lastReadAt: undefined,
    lastWrittenAt: undefined,
    lag: undefined,
    stalled: false,
    idle: false,
    progress: undefined,
  };
}
