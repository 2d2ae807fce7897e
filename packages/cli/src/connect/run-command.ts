import { dryRun } from "@org/bus-connect";
import type { Terminal } from "../terminal.js";
import { loadConnectors } from "./load-connectors.js";
import { openBus, positionsOf } from "./open-bus.js";
import { printRecord } from "./print-record.js";
import { runConnectors } from "./run-connectors.js";

export interface RunCommandOptions {
  readonly only: readonly string[];
  readonly dryRun?: number;
  readonly positions?: string;
  readonly host: string;
  readonly port: number;
  readonly admin: boolean;
}

/** What `bus connect run` does. */
export async function runCommand(files: readonly string[], options: RunCommandOptions, terminal: Terminal): Promise<void> {
  const { only, dryRun: count, positions, host, port, admin } = options;
  await using _telemetry = await telemetry();
  const connectors = await loadConnectors(files, only);
  if (count !== undefined) {
    await using bus = await openBus();
    for (const connector of connectors) for await (const made of dryRun(bus, connector, count)) terminal.out(printRecord(connector.name, made));
    return;
  }
  const runOptions = positionsOf(positions);
  const token = process.env.BUS_ADMIN_TOKEN || undefined;
  await using bus = await openBus();
  await runConnectors(bus, connectors, { ...runOptions, admin: admin ? { host, port, token } : undefined }, terminal);
}

/** As the environment has it; the SDK takes its time to load. */
async function telemetry(): Promise<AsyncDisposable | undefined> {
  if (!Object.keys(process.env).some((name) => name.startsWith("OTEL_"))) return undefined;
  return (await import("@org/bus-telemetry")).startTelemetry({ service: "bus-connect" });
}
