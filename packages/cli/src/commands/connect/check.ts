import type { Command } from "commander";
import type { Terminal } from "../../terminal.js";
import { each } from "./arguments.js";

/** `bus connect check` */
export function addCheckCommand(connect: Command, terminal: Terminal): void {
  connect
    .command("check")
    .summary("whether connectors could run")
    .description(
      "Loads the modules, which checks all options, and asks each source and sink whether its system can be reached and is set up as needed.",
    )
    .argument("<files...>", "modules that export connectors")
    .option("--only <name>", "check this connector only; may be given several times", each)
    .action(async (files: readonly string[], { only = [] }: { readonly only?: readonly string[] }) => {
      // what the other commands need not load
      const { checkCommand } = await import("../../connect/check-command.js");
      await checkCommand(files, only, terminal);
    });
}
