import type { Command } from "commander";
import type { RunCommandOptions } from "../../connect/run-command.js";
import type { Terminal } from "../../terminal.js";
import { atLeastOne, each, port } from "./arguments.js";

const DEFAULT_PORT = 8083;

/** `bus connect run` */
export function addRunCommand(connect: Command, terminal: Terminal): void {
  connect
    .command("run")
    .summary("run connectors until they end, or are asked to")
    .description(
      "Runs all connectors of the modules in one process. SIGTERM and SIGINT write what was read and store the positions. A connector\n" +
        "that has failed waits for bus connect restart meanwhile, and /health of the admin API answers 503. OTEL_* variables set up\n" +
        "traces and metrics. The admin API listens on this machine only, unless BUS_ADMIN_TOKEN is set.",
    )
    .argument("<files...>", "modules that export connectors")
    .option("--only <name>", "run this connector only; may be given several times", each)
    .option(
      "--dry-run <count>",
      "read so many records of each from where it stands, print what would be written or refused, and change nothing",
      atLeastOne,
    )
    .option("--from-start", "with --dry-run: from the start of the source")
    .option("--positions <file>", "keep positions in a file instead of on Kafka: for one process only; without Kafka dead letters lie beside it")
    .option("--host <host>", "where the admin API listens", "127.0.0.1")
    .option("--port <port>", "its port; 0: any", port, DEFAULT_PORT)
    .option("--no-admin", "serve no admin API; then, too, nothing waits for a connector that has failed")
    .option("--exit-on-failure", "for batch jobs: end when none is at work any more, with 1 if one has failed, instead of waiting for its restart")
    .action(async (files: readonly string[], options: RunCommandOptions, command: Command) => {
      if (options.fromStart && options.dryRun === undefined)
        command.error(
          "error: option '--from-start' is of --dry-run. To begin anew, change the positions: bus connect positions NAME --set SPLIT=null",
        );
      // what the other commands need not load
      const { runCommand } = await import("../../connect/run-command.js");
      await runCommand(files, options, terminal);
    });
}
