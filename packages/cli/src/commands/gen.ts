import type { Command } from "commander";
import { generate } from "../generate/generate.js";
import type { SyncResult } from "../generate/sync-folder.js";
import type { Terminal } from "../terminal.js";

/** `bus gen` */
export function addGenCommand(program: Command, terminal: Terminal): void {
  program
    .command("gen")
    .summary("generate TypeScript from the .proto files in a folder")
    .description(
      "Generates TypeScript from the .proto files in a folder: the types of each message and its contract (encode, decode, validate).\n" +
        "Files of an earlier run that nothing generates any more are removed. What .proto files may import besides each other,\n" +
        "buf/validate/validate.proto and org/bus/v1/options.proto, is put into .bus/include, for editors as well.",
    )
    .argument("[dir]", "folder of the .proto files", "proto")
    .option("--out <dir>", "folder for the generated files", "src/gen")
    .option("--json", "print what was done as JSON")
    .action(async (folder: string, options: { readonly out: string; readonly json?: true }) => {
      const result = await generate({ folder, out: options.out, cwd: process.cwd() });
      terminal.out(options.json ? JSON.stringify({ out: options.out, ...result }) : summary(options.out, result));
    });
}

function summary(out: string, { written, unchanged, removed }: SyncResult): string {
  const files = written.length + unchanged.length;
  return `${out}: ${files} ${files === 1 ? "file" : "files"} (${written.length} written, ${unchanged.length} unchanged, ${removed.length} removed)`;
}
