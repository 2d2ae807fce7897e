import { fileURLToPath } from "node:url";
import { createFileRegistry, type DescMessage, type FileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { loadDescriptorSet } from "@org/bus-cli";
import { type ContractRegistry, compileContracts } from "@org/bus-core/compiler";

/** The descriptors of a folder of `test`. */
export const loadDescriptors = (folder = "contracts/proto"): Promise<Uint8Array> =>
  loadDescriptorSet(folder, fileURLToPath(new URL("../..", import.meta.url)));

/** The messages in a folder of `test`, as another implementation of Protobuf sees them. */
export async function loadRegistry(folder?: string): Promise<FileRegistry> {
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, await loadDescriptors(folder)));
}

export function messageOf(registry: FileRegistry, typeName: string): DescMessage {
  const desc = registry.getMessage(typeName);
  if (desc === undefined) throw new Error(`no message ${typeName}`);
  return desc;
}

/** The same messages, as contracts that are compiled at run time. */
export async function loadContracts(folder?: string): Promise<ContractRegistry> {
  return compileContracts(await loadDescriptors(folder));
}
