import {
  type DescriptorProto,
  type EnumDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import type { Problems } from "../compiler/problems.js";

const maxFieldNumber = 536_870_911;
const maxNesting = 100;

/** Refuses what every compiler of Protobuf does, and what no plan can be made of. */
export function checkDeclarations(files: readonly FileDescriptorProto[], problems: Problems): void {
  const declaredIn = new Map<string, string>();
  for (const file of files) {
    const report = (reason: string): void => problems.addFile(file.name, reason);
    const claim = (name: string): void => {
      const other = declaredIn.get(name);
      if (other !== undefined) report(`${name} is declared twice${other === file.name ? "" : `, here and in ${other}`}`);
      else declaredIn.set(name, file.name);
    };
    const prefix = file.package === "" ? "" : `${file.package}.`;
    for (const message of file.messageType) checkMessage(message, prefix, { claim, report, depth: 0 });
    for (const declared of file.enumType) checkEnum(declared, prefix, { claim, report, depth: 0 });
  }
}

interface Context {
  readonly claim: (name: string) => void;
  readonly report: (reason: string) => void;
  readonly depth: number;
}

function checkMessage(message: DescriptorProto, prefix: string, context: Context): void {
  const { claim, report, depth } = context;
  const typeName = `${prefix}${message.name}`;
  claim(typeName);
  if (depth >= maxNesting) {
    report(`${typeName} is declared within more than ${maxNesting} messages`);
    return;
  }
  const names = new Set<string>();
  const numbers = new Map<number, string>();
  for (const { name, number, type, label } of message.field) {
    const field = `field ${typeName}.${name}`;
    if (names.has(name)) report(`${field} is declared twice`);
    names.add(name);
    const other = numbers.get(number);
    if (other !== undefined) report(`${field} has the number ${number}, as ${other} has`);
    numbers.set(number, name);
    if (number < 1 || number > maxFieldNumber) report(`${field} has the number ${number}, must be between 1 and ${maxFieldNumber}`);
    if (FieldDescriptorProto_Type[type] === undefined) report(`${field} has the type ${type}, which is not known`);
    if (FieldDescriptorProto_Label[label] === undefined) report(`${field} has the label ${label}, which is not known`);
  }
  const nested = { ...context, depth: depth + 1 };
  for (const inner of message.nestedType) checkMessage(inner, `${typeName}.`, nested);
  for (const declared of message.enumType) checkEnum(declared, `${typeName}.`, nested);
}

function checkEnum({ name, value }: EnumDescriptorProto, prefix: string, { claim, report }: Context): void {
  claim(`${prefix}${name}`);
  if (value.length === 0) report(`enum ${prefix}${name} has no values`);
}
