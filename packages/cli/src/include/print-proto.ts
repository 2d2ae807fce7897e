import {
  createRegistry,
  type DescEnum,
  type DescField,
  type DescFile,
  type DescMessage,
  type DescOneof,
  getExtension,
  isMessage,
  type Registry,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  type DescriptorProto_ExtensionRange,
  type DescriptorProto_ReservedRange,
  Edition,
  type EnumDescriptorProto_EnumReservedRange,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  FileOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { textFields, textMessage, textString } from "./text-format.js";

const maxFieldNumber = 536_870_911;

/**
 * The source text of a proto2 file whose descriptor is all that there is. Comments are lost. Covers what the rules of protovalidate
 * use: flat messages, oneofs, enums, extensions, reserved names and numbers, options on files and fields.
 *
 * @throws {Error} the file uses something else, which this must learn first
 */
export function printProto(file: DescFile): string {
  const registry = createRegistry(file);
  if (file.edition !== Edition.EDITION_PROTO2 || file.services.length > 0)
    throw new Error(`${file.name}.proto: only proto2 files without services can be printed`);
  const blocks = [
    'syntax = "proto2";',
    `package ${file.proto.package};`,
    file.proto.dependency.map((name) => `import ${textString(name)};`).join("\n"),
    file.proto.options === undefined
      ? ""
      : textFields(reflect(FileOptionsSchema, file.proto.options))
          .map(({ name, value }) => `option ${name} = ${value};`)
          .join("\n"),
    ...file.extensions.map((extension) => `extend .${extension.extendee.typeName} {\n  ${fieldLine(extension.proto, registry)}\n}`),
    ...file.enums.map(printEnum),
    ...file.messages.map((message) => printMessage(message, registry)),
  ];
  return `${blocks.filter((block) => block !== "").join("\n\n")}\n`;
}

function printMessage(message: DescMessage, registry: Registry): string {
  const { proto } = message;
  if (proto.nestedType.length + proto.enumType.length + proto.extension.length > 0 || proto.options !== undefined) {
    throw new Error(`${message}: a message with nested types or options cannot be printed`);
  }
  const lines = [
    ...message.members.flatMap((member) =>
      member.kind === "oneof" ? [`oneof ${member.name} {`, ...oneofFields(member, registry), "}"] : [fieldLine(member.proto, registry)],
    ),
    ...proto.extensionRange.map((range) => `extensions ${numberRange(range, 1)};`),
    ...reservedLines(proto.reservedRange, proto.reservedName, 1),
  ];
  return block(`message ${message.name}`, lines);
}

function oneofFields(oneof: DescOneof, registry: Registry): string[] {
  return oneof.fields.map((field: DescField) => `  ${fieldLine(field.proto, registry)}`);
}

function printEnum(desc: DescEnum): string {
  if (desc.proto.options !== undefined) throw new Error(`${desc}: an enum with options cannot be printed`);
  return block(`enum ${desc.name}`, [
    ...desc.values.map((value) => `${value.name} = ${value.number};`),
    // the end of a range is included in an enum, and excluded in a message
    ...reservedLines(desc.proto.reservedRange, desc.proto.reservedName, 0),
  ]);
}

function block(head: string, lines: readonly string[]): string {
  return `${head} {\n${lines.map((line) => `  ${line}\n`).join("")}}`;
}

function fieldLine(field: FieldDescriptorProto, registry: Registry): string {
  if (field.defaultValue !== "" || field.type === FieldDescriptorProto_Type.GROUP) throw new Error(`field ${field.name}: cannot be printed`);
  const label = isInOneof(field) ? "" : `${FieldDescriptorProto_Label[field.label].toLowerCase()} `;
  const type = field.typeName === "" ? FieldDescriptorProto_Type[field.type].toLowerCase() : field.typeName;
  return `${label}${type} ${field.name} = ${field.number}${fieldOptions(field, registry)};`;
}

function isInOneof(field: FieldDescriptorProto): boolean {
  return Object.hasOwn(field, "oneofIndex");
}

function fieldOptions(field: FieldDescriptorProto, registry: Registry): string {
  if (field.options === undefined) return "";
  const options = field.options;
  const standard = textFields(reflect(FieldOptionsSchema, options)).map(({ name, value }) => `${name} = ${value}`);
  const custom = [...new Set(options.$unknown?.map(({ no }) => no))].map((number) => {
    const extension = registry.getExtensionFor(FieldOptionsSchema, number);
    const value = extension && getExtension(options, extension);
    if (extension?.fieldKind !== "message" || !isMessage(value, extension.message)) {
      throw new Error(`field ${field.name}: option ${number} cannot be printed`);
    }
    return `(.${extension.typeName}) = ${textMessage(reflect(extension.message, value))}`;
  });
  return ` [${[...standard, ...custom].join(", ")}]`;
}

function reservedLines(
  ranges: readonly (DescriptorProto_ReservedRange | EnumDescriptorProto_EnumReservedRange)[],
  names: readonly string[],
  endIsExcluded: 0 | 1,
): string[] {
  return [...ranges.map((range) => `reserved ${numberRange(range, endIsExcluded)};`), ...names.map((name) => `reserved ${textString(name)};`)];
}

function numberRange(
  { start, end }: DescriptorProto_ReservedRange | EnumDescriptorProto_EnumReservedRange | DescriptorProto_ExtensionRange,
  endIsExcluded: 0 | 1,
): string {
  const last = end - endIsExcluded;
  if (last === start) return String(start);
  return `${start} to ${last === maxFieldNumber ? "max" : last}`;
}
