import { create } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  Edition,
  type EnumDescriptorProto,
  EnumOptionsSchema,
  FeatureSet_EnumType,
  FeatureSet_FieldPresence,
  FeatureSet_MessageEncoding,
  FeatureSet_RepeatedFieldEncoding,
  FeatureSet_Utf8Validation,
  FeatureSetSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldOptionsSchema,
  type FileDescriptorProto,
} from "@bufbuild/protobuf/wkt";
import fc, { type GeneratorValue } from "fast-check";

const { ENUM, GROUP, MESSAGE, STRING, BYTES, BOOL } = FieldDescriptorProto_Type;
const { OPTIONAL, REPEATED, REQUIRED } = FieldDescriptorProto_Label;

const oneIn = (times: number): fc.Arbitrary<boolean> => fc.nat(times - 1).map((value) => value === 0);

/** Makes proto2 of a file that has nothing of a dialect yet: closed enums, groups, fields that are required or have a default. */
export function speakProto2(file: FileDescriptorProto, generate: GeneratorValue): void {
  file.syntax = "proto2";
  for (const declared of file.enumType) dropZero(declared, generate);
  for (const { field, inOneof } of fieldsOf(file)) {
    const isPlain = field.label === OPTIONAL && field.type !== MESSAGE;
    if (isPlain && !inOneof && generate(oneIn, 6)) field.label = REQUIRED;
    else if (isPlain && field.type !== ENUM && generate(oneIn, 4)) field.defaultValue = defaultOf(field);
    else if (isNested(file, field) && generate(oneIn, 3)) field.type = GROUP;
    else if (isPackable(field) && generate(oneIn, 3)) optionsOf(field).packed = true;
  }
}

/** Makes edition 2023 of such a file, with its features here and there. */
export function speakEdition2023(file: FileDescriptorProto, generate: GeneratorValue): void {
  file.syntax = "editions";
  file.edition = Edition.EDITION_2023;
  for (const declared of file.enumType) {
    if (!generate(oneIn, 2)) continue;
    declared.options = create(EnumOptionsSchema, { features: { enumType: FeatureSet_EnumType.CLOSED } });
    dropZero(declared, generate);
  }
  for (const { field, inOneof } of fieldsOf(file)) {
    if (!generate(oneIn, 2)) continue;
    const features = create(FeatureSetSchema);
    const isPlain = field.label === OPTIONAL && field.type !== MESSAGE && !inOneof;
    if (isPlain && field.type !== ENUM && generate(oneIn, 2)) features.fieldPresence = FeatureSet_FieldPresence.IMPLICIT;
    else if (isPlain && generate(oneIn, 3)) features.fieldPresence = FeatureSet_FieldPresence.LEGACY_REQUIRED;
    if (field.type === MESSAGE && !isMap(file, field)) features.messageEncoding = FeatureSet_MessageEncoding.DELIMITED;
    if (isPackable(field)) features.repeatedFieldEncoding = FeatureSet_RepeatedFieldEncoding.EXPANDED;
    if (field.type === STRING) features.utf8Validation = FeatureSet_Utf8Validation.NONE;
    optionsOf(field).features = features;
  }
}

/** A closed enum may begin with another number. */
function dropZero({ value }: EnumDescriptorProto, generate: GeneratorValue): void {
  if (value.length > 1 && generate(oneIn, 2)) value.shift();
}

interface FieldOfFile {
  readonly field: FieldDescriptorProto;
  readonly inOneof: boolean;
}

const fieldsOf = (file: FileDescriptorProto): readonly FieldOfFile[] => file.messageType.flatMap(fieldsWithin);

function fieldsWithin({ field: fields, nestedType, options }: DescriptorProto): readonly FieldOfFile[] {
  if (options?.mapEntry) return [];
  return [...fields.map((field) => ({ field, inOneof: Object.hasOwn(field, "oneofIndex") })), ...nestedType.flatMap(fieldsWithin)];
}

const isNested = (file: FileDescriptorProto, field: FieldDescriptorProto): boolean =>
  field.type === MESSAGE && field.typeName.startsWith(`.${file.package}.`) && !isMap(file, field);

/** The names of entries end so, and no others. */
const isMap = (file: FileDescriptorProto, { typeName }: FieldDescriptorProto): boolean =>
  typeName.startsWith(`.${file.package}.`) && typeName.endsWith("Entry");

const isPackable = ({ type, label }: FieldDescriptorProto): boolean => label === REPEATED && ![STRING, BYTES, MESSAGE, GROUP].includes(type);

function defaultOf({ type }: FieldDescriptorProto): string {
  if (type === BOOL) return "true";
  return type === STRING || type === BYTES ? "a" : "1";
}

function optionsOf(field: FieldDescriptorProto) {
  field.options ??= create(FieldOptionsSchema);
  return field.options;
}
