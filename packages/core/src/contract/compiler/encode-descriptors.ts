import { clearField, clone, create, type DescExtension, type DescFile, type DescMessage, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/**
 * The bytes of a `google.protobuf.FileDescriptorSet` of `roots` and of the files whose types they refer to, for the evaluation of rules:
 * without comments, positions and custom options.
 */
export function encodeDescriptors(roots: readonly DescFile[]): Uint8Array {
  const files = new Map<string, FileDescriptorProto>();
  const add = (file: DescFile): void => {
    if (files.has(file.proto.name)) return;
    const needed = referredFiles(file);
    // a file stands behind those that it imports
    for (const other of needed) add(other);
    files.set(file.proto.name, bare(file, needed));
  };
  for (const root of roots) add(root);
  return toBinary(FileDescriptorSetSchema, create(FileDescriptorSetSchema, { file: [...files.values()] }));
}

function referredFiles(file: DescFile): ReadonlySet<DescFile> {
  const found = new Set<DescFile>();
  const addType = (field: DescMessage["fields"][number] | DescExtension): void => {
    for (const type of [field.message, field.enum]) if (type !== undefined) found.add(type.file);
  };
  for (const type of nestedTypes(file)) {
    if (type.kind === "message") for (const field of type.fields) addType(field);
    if (type.kind !== "extension") continue;
    addType(type);
    found.add(type.extendee.file);
  }
  found.delete(file);
  return found;
}

function bare({ proto }: DescFile, needed: ReadonlySet<DescFile>): FileDescriptorProto {
  const plain = clone(FileDescriptorProtoSchema, proto);
  clearField(plain, FileDescriptorProtoSchema.field.sourceCodeInfo);
  plain.dependency = Array.from(needed, (file) => file.proto.name);
  plain.publicDependency = [];
  plain.weakDependency = [];
  dropCustomOptions(plain);
  return plain;
}

/** Custom options are what the declarations of options do not know. */
function dropCustomOptions(value: unknown): void {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return;
  if ("$unknown" in value) delete value.$unknown;
  for (const part of Object.values(value)) dropCustomOptions(part);
}
