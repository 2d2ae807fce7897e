import { create, type DescFile, setExtension } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  type EnumDescriptorProto,
  EnumDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptions_JSType,
  FieldOptionsSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  file_google_protobuf_empty,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
  MessageOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import {
  field as fieldOption,
  file_buf_validate_validate,
  MessageRulesSchema,
  message as messageOption,
} from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";
import fc, { type GeneratorValue } from "fast-check";
import { generateRules, type RuledKind } from "./generate-rules.js";
import { speakEdition2023, speakProto2 } from "./schema-dialects.js";

/** What a descriptor set needs besides a generated file. */
export const importedFiles: readonly FileDescriptorProto[] = withDependencies([
  file_buf_validate_validate,
  file_google_protobuf_any,
  file_google_protobuf_empty,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
]);

function withDependencies(files: readonly DescFile[]): readonly FileDescriptorProto[] {
  return [...new Set(files.flatMap((file) => [...withDependencies(file.dependencies), file.proto]))];
}

/** The package of generated schemas. */
const packageName = "generated.v1";

/**
 * Files of random messages and enums, as a compiler of Protobuf describes them: every kind of field, list, map and oneof, nested and recursive
 * types, and the standard rules; in proto3, proto2 or edition 2023.
 */
export const arbitrarySchema: fc.Arbitrary<FileDescriptorProto> = fc.gen().map((generate) => {
  const enums = Array.from({ length: generate(upTo, 3) }, (_, index) => `Choice${index}`);
  const messages = Array.from({ length: 1 + generate(upTo, 3) }, (_, index) => `Part${index}`);
  // one of them stands in the first message
  const scope: Scope = {
    generate,
    enums: enums.map((name) => `.${packageName}.${name}`),
    messages: [...messages.map((name) => `.${packageName}.${name}`), `.${packageName}.${messages[0]}.Inner`],
  };
  const [first, ...others] = messages.map((name) => generateMessage(name, `.${packageName}.${name}`, scope));
  first?.nestedType.push(generateMessage("Inner", `${scope.messages[0]}.Inner`, scope));
  const file = create(FileDescriptorProtoSchema, {
    name: "generated/v1/generated.proto",
    package: packageName,
    syntax: "proto3",
    dependency: imports,
    enumType: enums.map((name) => generateEnum(name, generate)),
    messageType: first === undefined ? [] : [first, ...others],
  });
  const dialect = generate(oneOf, "proto3", "proto2", "edition 2023");
  if (dialect === "proto2") speakProto2(file, generate);
  else if (dialect === "edition 2023") speakEdition2023(file, generate);
  else for (const message of [...file.messageType, ...(first?.nestedType ?? [])]) addOptional(message, scope);
  return file;
});

interface Scope {
  readonly generate: GeneratorValue;
  readonly enums: readonly string[];
  readonly messages: readonly string[];
}

const wellKnown =
  "Timestamp Duration Any Empty FieldMask Struct Value ListValue StringValue Int64Value UInt32Value BoolValue DoubleValue BytesValue".split(" ");

const imports = ["any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers"]
  .map((name) => `google/protobuf/${name}.proto`)
  .concat("buf/validate/validate.proto");

// the arguments of what is passed to `generate` are compared, so they are plain
const upTo = (max: number): fc.Arbitrary<number> => fc.nat(max);
const oneIn = (times: number): fc.Arbitrary<boolean> => fc.nat(times - 1).map((value) => value === 0);
const oneOf = (...values: (string | number)[]): fc.Arbitrary<string | number> => fc.constantFrom(...values);

function generateEnum(name: string, generate: GeneratorValue): EnumDescriptorProto {
  const numbers = [0, ...new Set(Array.from({ length: generate(upTo, 4) }, () => generate(() => fc.integer({ min: -3, max: 300 }))))];
  const values = [...new Set(numbers)].map((number, index) => ({
    name: `${name.toUpperCase()}_${index === 0 ? "UNSPECIFIED" : `V${index}`}`,
    number,
  }));
  return create(EnumDescriptorProtoSchema, { name, value: values });
}

function generateMessage(name: string, typeName: string, scope: Scope): DescriptorProto {
  const { generate } = scope;
  const message = create(DescriptorProtoSchema, { name });
  let number = 0;
  const count = generate(upTo, 7);
  for (let index = 0; index < count; index++) {
    // a few have tags of several bytes
    number += 1 + (generate(oneIn, 8) ? 2000 : generate(upTo, 2));
    generateField(`field_${index}`, number, message, typeName, scope);
  }
  addOneof(message, scope);
  const [first] = message.field;
  if (first !== undefined && generate(oneIn, 4)) {
    message.options = create(MessageOptionsSchema);
    const cel = [{ id: "generated.message", message: "", expression: `!has(this.${first.name})` }];
    setExtension(message.options, messageOption, create(MessageRulesSchema, { cel }));
  }
  return message;
}

function generateField(name: string, number: number, message: DescriptorProto, typeName: string, scope: Scope): void {
  const { generate } = scope;
  const field = create(FieldDescriptorProtoSchema, {
    name,
    number,
    jsonName: jsonNameOf(name, generate),
    label: FieldDescriptorProto_Label.OPTIONAL,
  });
  const shape = generate(oneOf, "single", "single", "single", "list", "map");
  if (shape === "map") addMap(field, message, typeName, scope);
  else {
    setType(field, scope);
    if (shape === "list") {
      field.label = FieldDescriptorProto_Label.REPEATED;
      if (isPackable(field) && generate(oneIn, 4)) {
        field.options ??= create(FieldOptionsSchema);
        field.options.packed = false;
      }
    }
  }
  if (generate(oneIn, 2)) {
    field.options ??= create(FieldOptionsSchema);
    setExtension(field.options, fieldOption, generateRules(generate, ruledKind(field, message)));
  }
  message.field.push(field);
}

const jsonNameOf = (name: string, generate: GeneratorValue): string =>
  generate(oneIn, 6) ? `json:${name}` : name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

function setType(field: FieldDescriptorProto, { generate, enums, messages }: Scope): void {
  const kind = generate(oneOf, "scalar", "scalar", "scalar", "enum", "message", "known");
  if (kind === "enum" && enums.length > 0) {
    field.type = FieldDescriptorProto_Type.ENUM;
    field.typeName = String(generate(oneOf, ...enums));
  } else if (kind === "message") {
    field.type = FieldDescriptorProto_Type.MESSAGE;
    field.typeName = String(generate(oneOf, ...messages));
  } else if (kind === "known") {
    field.type = FieldDescriptorProto_Type.MESSAGE;
    field.typeName = `.google.protobuf.${generate(oneOf, ...wellKnown)}`;
  } else {
    field.type = generate(oneOf, ...scalars) as FieldDescriptorProto_Type;
    if (isLong(field) && generate(oneIn, 3)) {
      field.options = create(FieldOptionsSchema, {
        jstype: generate(oneOf, FieldOptions_JSType.JS_STRING, FieldOptions_JSType.JS_NUMBER) as FieldOptions_JSType,
      });
    }
  }
}

function addMap(field: FieldDescriptorProto, message: DescriptorProto, typeName: string, scope: Scope): void {
  const name = `Field${message.field.length}Entry`;
  const label = FieldDescriptorProto_Label.OPTIONAL;
  const value = create(FieldDescriptorProtoSchema, { name: "value", jsonName: "value", number: 2, label });
  setType(value, scope);
  const key = create(FieldDescriptorProtoSchema, {
    name: "key",
    jsonName: "key",
    number: 1,
    label,
    type: scope.generate(oneOf, ...keys) as FieldDescriptorProto_Type,
  });
  message.nestedType.push(create(DescriptorProtoSchema, { name, options: { mapEntry: true }, field: [key, value] }));
  Object.assign(field, { type: FieldDescriptorProto_Type.MESSAGE, typeName: `${typeName}.${name}`, label: FieldDescriptorProto_Label.REPEATED });
}

const isSingle = ({ label }: FieldDescriptorProto): boolean => label === FieldDescriptorProto_Label.OPTIONAL;

/** Puts some neighbours into a oneof. */
function addOneof(message: DescriptorProto, { generate }: Scope): void {
  const start = message.field.findIndex(isSingle);
  if (start === -1 || generate(oneIn, 2)) return;
  const members = message.field.slice(start, start + 1 + generate(upTo, 3)).filter(isSingle);
  for (const field of members) field.oneofIndex = message.oneofDecl.length;
  message.oneofDecl.push({ $typeName: "google.protobuf.OneofDescriptorProto", name: "choice" });
}

/** Gives some fields presence. */
function addOptional(message: DescriptorProto, { generate }: Scope): void {
  if (message.options?.mapEntry) return;
  for (const field of message.field) {
    if (!isSingle(field) || Object.hasOwn(field, "oneofIndex") || !generate(oneIn, 3)) continue;
    field.proto3Optional = true;
    field.oneofIndex = message.oneofDecl.length;
    message.oneofDecl.push({ $typeName: "google.protobuf.OneofDescriptorProto", name: `_${field.name}` });
  }
}

/** What rules may hold for a field: those of its collection, or of its value. */
function ruledKind(field: FieldDescriptorProto, { nestedType }: DescriptorProto): RuledKind {
  if (isSingle(field)) return { kind: valueKind(field) };
  const [key, value] = nestedType.find(({ name }) => field.typeName.endsWith(`.${name}`) && name.endsWith("Entry"))?.field ?? [];
  if (key !== undefined && value !== undefined) return { kind: "map", nested: { items: undefined, keys: valueKind(key), values: valueKind(value) } };
  return { kind: "repeated", nested: { items: valueKind(field), keys: undefined, values: undefined } };
}

function valueKind({ type, typeName }: FieldDescriptorProto): string | undefined {
  if (type !== FieldDescriptorProto_Type.MESSAGE) return FieldDescriptorProto_Type[type].toLowerCase();
  if (!typeName.startsWith(".google.protobuf.")) return undefined;
  const name = typeName.replace(".google.protobuf.", "");
  return name === "FieldMask" ? "field_mask" : name.replace("Value", "").toLowerCase();
}

const scalars = [
  FieldDescriptorProto_Type.DOUBLE,
  FieldDescriptorProto_Type.FLOAT,
  FieldDescriptorProto_Type.INT64,
  FieldDescriptorProto_Type.UINT64,
  FieldDescriptorProto_Type.INT32,
  FieldDescriptorProto_Type.FIXED64,
  FieldDescriptorProto_Type.FIXED32,
  FieldDescriptorProto_Type.BOOL,
  FieldDescriptorProto_Type.STRING,
  FieldDescriptorProto_Type.BYTES,
  FieldDescriptorProto_Type.UINT32,
  FieldDescriptorProto_Type.SFIXED32,
  FieldDescriptorProto_Type.SFIXED64,
  FieldDescriptorProto_Type.SINT32,
  FieldDescriptorProto_Type.SINT64,
];

const keys = scalars.filter(
  (type) => ![FieldDescriptorProto_Type.DOUBLE, FieldDescriptorProto_Type.FLOAT, FieldDescriptorProto_Type.BYTES].includes(type),
);

const isLong = ({ type }: FieldDescriptorProto): boolean => type !== undefined && FieldDescriptorProto_Type[type].endsWith("64");

const isPackable = ({ type }: FieldDescriptorProto): boolean =>
  ![FieldDescriptorProto_Type.STRING, FieldDescriptorProto_Type.BYTES, FieldDescriptorProto_Type.MESSAGE].includes(type);
