import { clone, create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type FieldDescriptorProto,
  FileDescriptorProtoSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";

/** `set` with only the messages that `typeName` needs, so that what is wrong with others does not matter. */
export function pruneDescriptors(set: FileDescriptorSet, typeName: string): FileDescriptorSet {
  const declared = new Map<string, DescriptorProto>();
  for (const { package: prefix, messageType } of set.file) for (const message of messageType) declare(declared, prefix, message);
  const needed = new Set<string>();
  const need = (name: string): void => {
    const message = declared.get(name);
    if (message === undefined || needed.has(name)) return;
    needed.add(name);
    for (const field of message.field) need(plainName(field));
    // the entries of maps are fields of nested types that no one else names
    for (const nested of message.nestedType) if (nested.options?.mapEntry) need(`${name}.${nested.name}`);
  };
  need(typeName);
  // extensions are rules of one's own
  for (const file of set.file) for (const extension of file.extension) need(plainName(extension));
  const isLibrary = (name: string): boolean => name.startsWith("buf/validate/validate.proto") || name.startsWith("google/");
  return create(FileDescriptorSetSchema, {
    file: set.file.map((file) => {
      if (isLibrary(file.name)) return file;
      const pruned = clone(FileDescriptorProtoSchema, file);
      pruned.service = [];
      pruned.messageType = keep(file.messageType, file.package, needed);
      return pruned;
    }),
  });
}

const plainName = ({ typeName }: FieldDescriptorProto): string => typeName.replace(/^\./, "");

function declare(declared: Map<string, DescriptorProto>, prefix: string, message: DescriptorProto): void {
  const name = prefix === "" ? message.name : `${prefix}.${message.name}`;
  declared.set(name, message);
  for (const nested of message.nestedType) declare(declared, name, nested);
}

/** What stands around a needed message stays as its name. */
function keep(messages: readonly DescriptorProto[], prefix: string, needed: ReadonlySet<string>): DescriptorProto[] {
  return messages.map((message) => {
    const name = prefix === "" ? message.name : `${prefix}.${message.name}`;
    const nestedType = keep(message.nestedType, name, needed);
    if (!needed.has(name)) {
      return create(DescriptorProtoSchema, { name: message.name, nestedType, enumType: message.enumType, extension: message.extension });
    }
    const pruned = clone(DescriptorProtoSchema, message);
    pruned.nestedType = nestedType;
    return pruned;
  });
}
