import type { Command } from "commander";
import { findBreakingChanges } from "../breaking/breaking.js";
import { topicRules } from "../breaking/topic-rules.js";
import type { Terminal } from "../terminal.js";
import { reportProblems } from "./report-problems.js";

/** `bus breaking` */
export function addBreakingCommand(program: Command, terminal: Terminal): void {
  program
    .command("breaking")
    .summary("find changes that break what is deployed")
    .description(
      "Compares the .proto files in a folder with those of a git commit, with buf breaking (the FILE rules, or those of an own buf.yaml), and\n" +
        `the topics that they declare: ${topicRules.join(", ")}.\n` +
        "breaking.except, ignore and ignore_only of a buf.yaml let a rule on topics be broken, as they do for those of buf.\n" +
        "Where there is nothing to compare with (no main branch yet, or no such folder in the commit), says so and succeeds.",
    )
    .argument("[dir]", "folder of the .proto files", "proto")
    .option("--against <ref>", "git ref to compare with (default: origin/main, or main where that does not exist)")
    .option("--allow <rule>", "let a rule be broken this time; may be given several times", collect, [])
    .option("--json", "print the problems as JSON")
    .action(async (folder: string, options: { readonly against?: string; readonly allow: readonly string[]; readonly json?: true }) => {
      const { json, ...comparison } = options;
      const result = await findBreakingChanges({ folder, ...comparison, cwd: process.cwd() });
      if (json) terminal.out(JSON.stringify(result));
      if (result.reason !== undefined) terminal.error(`NOTHING COMPARED: ${result.reason}`);
      reportProblems(result.problems, json === true, terminal);
    });
}

const collect = (rule: string, rules: readonly string[]): readonly string[] => [...rules, rule];
