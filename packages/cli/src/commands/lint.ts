import { resolve } from "node:path";
import type { Command } from "commander";
import { lint } from "../buf/check.js";
import { prepareWorkspace } from "../buf/workspace.js";
import type { Terminal } from "../terminal.js";
import { reportProblems } from "./report-problems.js";

/** `bus lint` */
export function addLintCommand(program: Command, terminal: Terminal): void {
  program
    .command("lint")
    .summary("check the style of the .proto files in a folder")
    .description("Checks the .proto files in a folder with buf lint: the STANDARD rules, or those of an own buf.yaml.")
    .argument("[dir]", "folder of the .proto files", "proto")
    .option("--json", "print the problems as JSON")
    .action(async (folder: string, options: { readonly json?: true }) => {
      const cwd = process.cwd();
      const problems = await lint(await prepareWorkspace(resolve(cwd, folder), cwd), cwd);
      if (options.json) terminal.out(JSON.stringify({ problems }));
      reportProblems(problems, options.json === true, terminal);
    });
}
