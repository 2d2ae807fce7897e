import { resolve } from "node:path";
import { buildDescriptorSet } from "./buf/build.js";
import { prepareWorkspace } from "./buf/workspace.js";

/**
 * Bytes of the `google.protobuf.FileDescriptorSet` of the .proto files in `folder` and all they import, for tools that meet contracts at
 * run time.
 *
 * @param cwd the project: where `.bus/include` lies, and what paths in errors start from
 * @throws {CommandFailure} something does not compile
 */
export async function loadDescriptorSet(folder: string, cwd: string): Promise<Uint8Array> {
  return await buildDescriptorSet(await prepareWorkspace(resolve(cwd, folder), cwd), cwd);
}
