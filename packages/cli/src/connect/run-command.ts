import type { Terminal } from "../terminal.js";
import { dryRunCommand } from "./dry-run-command.js";
import { loadConnectors } from "./load-connectors.js";
import { openBus, positionsIn, positionsOf } from "./open-bus.js";
import { runConnectors } from "./run-connectors.js";

export interface RunCommandOptions {
  readonly only?: readonly string[];
  readonly dryRun?: number;
  readonly fromStart?: true;
  readonly positions?: string;
  readonly host: string;
  readonly port: number;
  readonly admin: boolean;
  readonly exitOnFailure?: true;
}

/** What `bus connect run` does. */
export async function runCommand(files: readonly string[], options: RunCommandOptions, terminal: Terminal): Promise<void> {
  const { only = [], dryRun: records, fromStart, positions, host, port, admin, exitOnFailure = false } = options;
  if (records !== undefined) {
    const from = fromStart ? "start" : "stored";
    // without telemetry: nothing of it has happened
    return dryRunCommand(await loadConnectors(files, only), { records, from, ...positionsIn(positions) }, terminal);
  }
  await using _telemetry = await telemetry();
  const connectors = await loadConnectors(files, only);
  const runOptions = positionsOf(positions);
  const token = process.env.BUS_ADMIN_TOKEN || undefined;
  await using bus = await openBus();
  await runConnectors(bus, connectors, { ...runOptions, admin: admin ? { host, port, token } : undefined, exitOnFailure }, terminal);
}

/** As the environment has it; the SDK takes its time to load. */
async function telemetry(): Promise<AsyncDisposable | undefined> {
  if (!Object.keys(process.env).some((name) => name.startsWith("OTEL_"))) return undefined;
  return (await import("@org/bus-telemetry")).startTelemetry({ service: "bus-connect" });
}
