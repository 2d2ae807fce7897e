import { once } from "node:events";
import { type Connector, type RunningConnector, type RunOptions, runConnector } from "@org/bus-connect";
import type { Bus } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import { CommandFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";
import type { AdminOptions } from "./admin/admin-server.js";
import { showProgress } from "./progress.js";

export interface RunConnectorsOptions extends RunOptions {
  /** undefined: no admin API. */
  readonly admin: AdminOptions | undefined;
  /** Does not wait for the restart of those that have failed. */
  readonly exitOnFailure: boolean;
}

/**
 * Runs connectors until all have ended, or the process is asked to end. One that has failed has not ended as long as the admin API can restart it: what
 * watches the process sees that it is not well, and a new process would only try the same again.
 *
 * @throws {CommandFailure} naming those that have failed
 */
export async function runConnectors(
  bus: Bus,
  connectors: readonly Connector[],
  { admin, exitOnFailure, ...options }: RunConnectorsOptions,
  terminal: Terminal,
): Promise<void> {
  const running: RunningConnector[] = [];
  // first of all, so that nothing is moved where it cannot listen
  const server = admin && (await (await import("./admin/admin-server.js")).startAdminServer(running, admin));
  for (const connector of connectors) running.push(runConnector(bus, connector, options));
  const hideProgress = showProgress(running, process.stderr);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, onSignal);
  try {
    const stopped = stop.signal.aborted ? Promise.resolve() : once(stop.signal, "abort");
    const waitForRestart = admin === undefined || exitOnFailure ? undefined : (failed: string) => terminal.error(remedy(failed, admin));
    await Promise.race([allEnded(running, stop.signal, waitForRestart), stopped]);
    await Promise.all(running.map((connector) => connector.stop()));
  } finally {
    hideProgress();
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.removeListener(signal, onSignal);
    await server?.close();
    // a sink that hangs may hold the process; what is left to close takes less
    if (stop.signal.aborted) setTimeout(() => process.exit(), exitAfterMs).unref();
  }
  const faults: string[] = [];
  for (const connector of running) {
    await connector.finished.catch((error: unknown) => faults.push(messageOf(error)));
    const { tasks, past } = connector.status();
    const sum = (count: "read" | "written" | "deadLettered") => tasks.reduce((total, task) => total + task[count], past[count]);
    const letters = sum("deadLettered");
    terminal.out(`${connector.name}: ${sum("read")} read, ${sum("written")} written${letters === 0 ? "" : `, ${letters} dead letters`}`);
  }
  if (faults.length > 0) throw new CommandFailure(faults.join("\n"));
}

const exitAfterMs = 1_000;
const pollMs = 200;

/**
 * Resolves when all have ended at the same time: any of them may be restarted while others are at work. One that was stopped by the admin API waits there for
 * what comes next.
 *
 * @param waitForRestart is told the names of those that are waited for because they have failed; undefined: failed ones have ended
 */
async function allEnded(running: readonly RunningConnector[], stop: AbortSignal, waitForRestart?: (failed: string) => void): Promise<void> {
  const ends = waitForRestart === undefined ? ["completed", "failed"] : ["completed"];
  let told = "";
  while (!stop.aborted) {
    await Promise.all(running.map((connector) => connector.finished.catch(() => {})));
    const states = running.map((connector) => connector.status().state);
    if (states.every((state) => ends.includes(state))) return;
    const failed = running.filter((_, index) => states[index] === "failed").map(({ name }) => name);
    if (failed.join(", ") !== told && failed.length > 0) waitForRestart?.(failed.join(", "));
    told = failed.join(", ");
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

const remedy = (failed: string, { host, port }: AdminOptions): string =>
  `${failed}: failed, and waits for bus connect restart (--url http://${host}:${port}); with --exit-on-failure it would end here`;
