import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, CodeGeneratorResponseSchema, type FileDescriptorProto } from "@bufbuild/protobuf/wkt";
import { CommandFailure } from "../failure.js";
import { runNode } from "../run-node.js";

/** What the plugin gets to see. */
export interface PluginInput {
  readonly fileToGenerate: string[];
  readonly protoFile: FileDescriptorProto[];
}

/**
 * Runs the protoc plugin of this package and resolves with the content of each file that it wants written.
 *
 * @param files absolute path by import name, so that its errors name files as the user knows them
 * @throws {CommandFailure} the plugin refuses a contract
 */
export async function runPlugin(input: PluginInput, files: ReadonlyMap<string, string>, cwd: string): Promise<Map<string, string>> {
  const plugin = fileURLToPath(new URL("../plugin.js", import.meta.url));
  const request = toBinary(CodeGeneratorRequestSchema, create(CodeGeneratorRequestSchema, input));
  const run = await runNode([plugin], { cwd, input: request });
  if (run.exitCode !== 0) throw new CommandFailure(withUserPaths(run.stderr, files, cwd));
  const response = fromBinary(CodeGeneratorResponseSchema, run.stdout);
  if (response.error !== "") throw new CommandFailure(withUserPaths(response.error, files, cwd));
  return new Map(response.file.map(({ name, content }) => [name, content]));
}

/** Import names at the start of a line become paths from the working directory. */
function withUserPaths(text: string, files: ReadonlyMap<string, string>, cwd: string): string {
  return text.trimEnd().replace(/^(?:[\w-]+: )?([^\s:]+\.proto)(?=:)/gm, (line, name: string) => {
    const file = files.get(name);
    return file === undefined ? line : relative(cwd, file);
  });
}
