import { create, createFileRegistry, type DescFile, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, type FileDescriptorSet, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { BusError, messageOf } from "../../errors.js";
import { CompileError, Problems } from "../compiler/problems.js";
import { checkDeclarations } from "./check-declarations.js";

/**
 * The files of a descriptor set, dependencies first. Descriptor sets come from anywhere: what a compiler of Protobuf would not have written
 * is refused here.
 *
 * @throws {CompileError} with every problem
 * @throws {BusError} `malformed_message`: the bytes are no descriptor set
 */
export function descriptorFiles(descriptorSet: Uint8Array | FileDescriptorSet): readonly DescFile[] {
  const problems = new Problems();
  const protos = uniqueFiles(parse(descriptorSet), problems);
  const sorted = sortByImports(protos, problems);
  problems.throwIfAny();
  checkDeclarations(sorted, problems);
  problems.throwIfAny();
  try {
    return [...createFileRegistry(create(FileDescriptorSetSchema, { file: [...sorted] })).files];
  } catch (error) {
    throw new CompileError([{ file: "descriptor set", line: undefined, message: messageOf(error) }]);
  }
}

function parse(descriptorSet: Uint8Array | FileDescriptorSet): readonly FileDescriptorProto[] {
  if (!(descriptorSet instanceof Uint8Array)) return descriptorSet.file;
  try {
    return fromBinary(FileDescriptorSetSchema, descriptorSet).file;
  } catch (error) {
    throw new BusError("malformed_message", `bytes are no google.protobuf.FileDescriptorSet: ${messageOf(error)}`, { cause: error });
  }
}

/** Sets are often put together from several, which have imports in common. */
function uniqueFiles(files: readonly FileDescriptorProto[], problems: Problems): ReadonlyMap<string, FileDescriptorProto> {
  const unique = new Map<string, FileDescriptorProto>();
  for (const file of files) {
    const other = unique.get(file.name);
    if (other === undefined) unique.set(file.name, file);
    else if (!isSame(file, other)) problems.addFile(file.name, "is in the descriptor set twice, and the two differ");
  }
  return unique;
}

function isSame(left: FileDescriptorProto, right: FileDescriptorProto): boolean {
  const [leftBytes, rightBytes] = [left, right].map((file) => toBinary(FileDescriptorProtoSchema, file));
  return leftBytes !== undefined && rightBytes !== undefined && Buffer.compare(leftBytes, rightBytes) === 0;
}

function sortByImports(files: ReadonlyMap<string, FileDescriptorProto>, problems: Problems): readonly FileDescriptorProto[] {
  const sorted: FileDescriptorProto[] = [];
  const states = new Map<string, "open" | "done">();
  for (const first of files.values()) {
    // a stack of its own: a chain of imports may be as long as the set
    const path = [{ file: first, next: 0 }];
    while (path.length > 0) {
      const top = path[path.length - 1];
      if (top === undefined) break;
      if (top.next === 0 && states.get(top.file.name) === "done") {
        path.pop();
        continue;
      }
      states.set(top.file.name, "open");
      const name = top.file.dependency[top.next++];
      if (name === undefined) {
        states.set(top.file.name, "done");
        sorted.push(top.file);
        path.pop();
        continue;
      }
      const imported = files.get(name);
      if (imported === undefined)
        problems.addFile(top.file.name, `imports ${name}, which is not in the descriptor set (protoc needs --include_imports)`);
      else if (states.get(name) === "open") problems.addFile(top.file.name, `imports ${name}, which leads back to it`);
      else if (states.get(name) === undefined) path.push({ file: imported, next: 0 });
    }
  }
  return sorted;
}
