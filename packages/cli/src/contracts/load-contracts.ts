import { relative, resolve } from "node:path";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { CompileError, type ContractRegistry, compileContracts, type FilePlan, planContracts } from "@org/bus-core/compiler";
import { buildDescriptorSet } from "../buf/build.js";
import { prepareWorkspace } from "../buf/workspace.js";
import { CommandFailure } from "../failure.js";

/** The contracts of a folder, to make messages with and to tell of. */
export interface LoadedContracts {
  readonly registry: ContractRegistry;
  /** What the compiler found out about each file. */
  readonly plans: readonly FilePlan[];
  /** Import names of the files in the folder itself. */
  readonly files: ReadonlySet<string>;
}

/** Compiles the .proto files in a folder; paths are relative to `cwd`. @throws {CommandFailure} something does not compile */
export async function loadContracts(folder: string, cwd: string): Promise<LoadedContracts> {
  const workspace = await prepareWorkspace(resolve(cwd, folder), cwd);
  const set = fromBinary(FileDescriptorSetSchema, await buildDescriptorSet(workspace, cwd));
  try {
    const files = [...createFileRegistry(set).files];
    const plans = planContracts({ files, generate: new Set(files.map(({ proto }) => proto.name)) });
    return { registry: compileContracts(set), plans, files: new Set(workspace.files.keys()) };
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    const where = (name: string): string => relative(cwd, workspace.files.get(name) ?? name);
    const lines = error.problems.map(({ file, line, message }) => `${where(file)}${line === undefined ? "" : `:${line}`}: ${message}`);
    throw new CommandFailure(lines.join("\n"));
  }
}
