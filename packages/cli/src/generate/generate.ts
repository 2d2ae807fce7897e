import { relative, resolve } from "node:path";
import { create, fromBinary } from "@bufbuild/protobuf";
import { CodeGeneratorRequestSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { buildDescriptorSet } from "../buf/build.js";
import { prepareWorkspace } from "../buf/workspace.js";
import { CommandFailure } from "../failure.js";
import { optionsProto, validateProto } from "../include/include-folder.js";
import { respond } from "./respond.js";
import { type SyncResult, syncFolder } from "./sync-folder.js";

/** What to generate from, and where to. Paths are relative to `cwd`. */
export interface GenerateOptions {
  readonly folder: string;
  readonly out: string;
  readonly cwd: string;
}

/**
 * Compiles the .proto files in a folder and writes the TypeScript of their contracts. Files of an earlier run that nothing generates
 * any more are removed; files that are up to date are not touched.
 *
 * @throws {CommandFailure} something does not compile or is no valid contract: nothing is written
 */
export async function generate({ folder, out, cwd }: GenerateOptions): Promise<SyncResult> {
  const workspace = await prepareWorkspace(resolve(cwd, folder), cwd);
  const { file: protoFile } = fromBinary(FileDescriptorSetSchema, await buildDescriptorSet(workspace, cwd));
  // these two hold options alone, which code needs at generation and not later
  const fileToGenerate = [...workspace.files.keys()].filter((name) => name !== optionsProto && name !== validateProto);
  const { error, file } = respond(create(CodeGeneratorRequestSchema, { fileToGenerate, protoFile }));
  if (error !== "") throw new CommandFailure(withUserPaths(error, workspace.files, cwd));
  return await syncFolder(resolve(cwd, out), new Map(file.map(({ name, content }) => [name, content])));
}

/** Import names at the start of a line become paths from the working directory. */
function withUserPaths(text: string, files: ReadonlyMap<string, string>, cwd: string): string {
  return text.replace(/^[^\s:]+\.proto(?=:)/gm, (name) => {
    const file = files.get(name);
    return file === undefined ? name : relative(cwd, file);
  });
}
