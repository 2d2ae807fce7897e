import type { Command } from "commander";
import type { Terminal } from "../../terminal.js";
import { addAdminCommands } from "./admin.js";
import { addCheckCommand } from "./check.js";
import { addRunCommand } from "./run.js";

/** `bus connect` */
export function addConnectCommand(program: Command, terminal: Terminal): void {
  const connect = program
    .command("connect")
    .summary("run connectors, and look after them")
    .description(
      "Runs connectors: modules that export what defineConnector makes, as JavaScript or as TypeScript that Node can strip. They run on the Kafka that\n" +
        "KAFKA_BROKERS and the other variables of the environment name; the same command on more machines shares the work.",
    );
  addRunCommand(connect, terminal);
  addCheckCommand(connect, terminal);
  addAdminCommands(connect, terminal);
}
