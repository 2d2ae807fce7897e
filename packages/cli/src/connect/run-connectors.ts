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
}

/**
 * Runs connectors until all have ended, or the process is asked to end.
 *
 * @throws {CommandFailure} naming those that have failed
 */
export async function runConnectors(
  bus: Bus,
  connectors: readonly Connector[],
  { admin, ...options }: RunConnectorsOptions,
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
    await Promise.race([Promise.all(running.map((connector) => ended(connector, stop.signal))), stopped]);
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
    const { read, written } = totals(connector);
    terminal.out(`${connector.name}: ${read} read, ${written} written`);
  }
  if (faults.length > 0) throw new CommandFailure(faults.join("\n"));
}

const exitAfterMs = 1_000;
const pollMs = 200;

/** One that is stopped by the admin API waits there for what comes next. */
async function ended(connector: RunningConnector, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    await connector.finished.catch(() => {});
    if (connector.status().state !== "stopped") return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

function totals(connector: RunningConnector): { readonly read: number; readonly written: number } {
  const { tasks } = connector.status();
  return { read: tasks.reduce((sum, task) => sum + task.read, 0), written: tasks.reduce((sum, task) => sum + task.written, 0) };
}
