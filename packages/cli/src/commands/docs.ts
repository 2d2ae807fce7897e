import type { Command } from "commander";
import { type DocsResult, makeDocs } from "../docs/make-docs.js";
import { CommandFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";

interface DocsCommandOptions {
  readonly out: string;
  readonly check?: true;
  readonly json?: true;
}

/** `bus docs` */
export function addDocsCommand(program: Command, terminal: Terminal): void {
  program
    .command("docs")
    .summary("write a page for each topic")
    .description(
      "Writes a Markdown page for each topic that the .proto files in a folder declare, and an index: what it is for, its fields with their rules\n" +
        "in words, its key, retention and owner, an example, and how to publish it. Pages of topics that are no more are removed.",
    )
    .argument("[dir]", "folder of the .proto files", "proto")
    .option("--out <dir>", "folder for the pages", "docs/topics")
    .option("--check", "write nothing, and fail where a page is not up to date")
    .option("--json", "print what was done as JSON")
    .action(async (folder: string, { out, check, json }: DocsCommandOptions) => {
      const result = await makeDocs({ folder, out, check: check ?? false, cwd: process.cwd() });
      if (json) terminal.out(JSON.stringify({ out, ...result }));
      const stale = [...result.written, ...result.removed];
      if (check && stale.length > 0) throw new CommandFailure(`${out} is not up to date: ${stale.join(", ")} (run bus docs)`);
      if (!json) terminal.out(summary(out, result));
    });
}

function summary(out: string, { written, unchanged, removed }: DocsResult): string {
  const pages = written.length + unchanged.length;
  return `${out}: ${pages} pages (${written.length} written, ${unchanged.length} unchanged, ${removed.length} removed)`;
}
