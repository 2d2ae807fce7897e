import type { ConnectorStatus, TaskStatus } from "@org/bus-connect";

/** The connectors of a process as people read them: a line for each connector, and below it one for each task. */
export function statusText(connectors: readonly ConnectorStatus[], now: number): string {
  return connectors
    .flatMap((connector) => [connectorLine(connector, now), ...pastLine(connector), ...connector.tasks.map((task) => `  ${taskLine(task, now)}`)])
    .join("\n");
}

function connectorLine({ name, state, healthy, source, sink, lastError, stalled, waitingFor }: ConnectorStatus, now: number): string {
  const waits =
    stalled && waitingFor !== undefined ? `, STALLED: it has waited for ${waitingFor.what} for ${Math.round((now - waitingFor.since) / 1000)} s` : "";
  const error = lastError === undefined ? "" : ` (${lastError.message})`;
  const standby = state === "waiting" ? ": for splits, new ones or those that other processes read" : "";
  return `${name}: ${source} → ${sink}, ${state.toUpperCase()}${standby}${healthy ? "" : ", NOT HEALTHY"}${waits}${state === "failed" || state === "restarting" ? error : ""}`;
}

function pastLine({ past: { splits, read, written } }: ConnectorStatus): readonly string[] {
  return splits === 0 ? [] : [`  ${splits} earlier splits: ${read} read, ${written} written`];
}

function taskLine(task: TaskStatus, now: number): string {
  const { id, state, read, written, inFlight, retried, restarts, lag, lastReadAt, stalled, idle, progress } = task;
  const parts = [
    `${id} ${state.toUpperCase()}`,
    `${read} read, ${written} written, ${inFlight} in flight`,
    lag === undefined ? "" : `lag ${lag}`,
    progress === undefined ? "" : `${progress.done} of ${progress.total ?? "?"} ${progress.unit}`,
    lastReadAt === undefined ? "nothing read yet" : `last read ${Math.round((now - lastReadAt) / 1000)} s ago`,
    retried === 0 ? "" : `${retried} tried again`,
    restarts === 0 ? "" : `${restarts} restarts`,
    stalled ? "STALLED" : "",
    idle ? "IDLE" : "",
  ];
  return parts.filter((part) => part !== "").join("; ");
}
