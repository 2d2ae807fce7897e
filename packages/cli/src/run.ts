import { readFileSync } from "node:fs";
import { BusError } from "@org/bus-core";
import { Command, CommanderError } from "commander";
import { addAlertsCommand } from "./commands/alerts.js";
import { addBreakingCommand } from "./commands/breaking.js";
import { addConnectCommand } from "./commands/connect/connect.js";
import { addDashboardsCommand } from "./commands/dashboards.js";
import { addDocsCommand } from "./commands/docs.js";
import { addExampleCommand } from "./commands/example.js";
import { addGenCommand } from "./commands/gen.js";
import { addLintCommand } from "./commands/lint.js";
import { CommandFailure } from "./failure.js";
import type { Terminal } from "./terminal.js";

/** How `bus` exits. */
export const exitCodes = { ok: 0, failure: 1, usage: 2 } as const;

/** Runs `bus` with its arguments (without `node bus`) and resolves with its exit code. Never rejects. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await createProgram(terminal).parseAsync(args, { from: "user" });
    return exitCodes.ok;
  } catch (error) {
    // commander has printed its own already; help and version end in an "error" of code 0
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    // what is told to people needs no stack
    const isTold = error instanceof CommandFailure || error instanceof BusError;
    terminal.error(isTold ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error));
    return exitCodes.failure;
  }
}

function createProgram(terminal: Terminal): Command {
  const program = new Command("bus")
    .description("Contracts for services on Kafka: from .proto files to TypeScript.")
    .version(version(), "--version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .showHelpAfterError("(bus --help tells more)")
    .configureOutput({ writeOut: (text) => terminal.out(text.trimEnd()), writeErr: (text) => terminal.error(text.trimEnd()) })
    .exitOverride()
    .addHelpText("after", "\nExit codes: 0 success, 1 failure or problems found, 2 wrong usage.");
  addGenCommand(program, terminal);
  addLintCommand(program, terminal);
  addBreakingCommand(program, terminal);
  addDocsCommand(program, terminal);
  addExampleCommand(program, terminal);
  addAlertsCommand(program, terminal);
  addDashboardsCommand(program, terminal);
  addConnectCommand(program, terminal);
  return program;
}

function version(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return manifest.version;
}
