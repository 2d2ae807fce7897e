import type { FieldPlan, MemberPlan, MessagePlan, MessageType, ValueType } from "../plan.js";
import { endTag, packedTag, readScalar, tagOf, zeroOf } from "./scalars.js";
import type { FileScope } from "./scope.js";
import { access, propertyKey, quote, type Source } from "./source.js";
import { wellKnownCode } from "./well-known.js";

/** The function that reads a message, into `previous` where an earlier occurrence of the same field has made one. `end` is the tag that ends a group. */
export function printRead(message: MessagePlan, scope: FileScope): readonly Source[] {
  const fields = message.members.flatMap((member) =>
    member.kind === "oneof" ? member.fields.map((field) => ({ field, oneof: member.property })) : [{ field: member }],
  );
  const finish = [...noteIncomplete(message), "return message;"];
  return [
    "/** @internal */",
    `export function read${message.name}(reader: runtime.MessageReader, previous?: ${message.name}, end = -1): ${message.name} {`,
    [
      `const message: ${message.name} = previous ?? {`,
      message.members.map((member) => `${propertyKey(member.property)}: ${initialValue(member)},`),
      "};",
      "while (reader.pos < reader.len) {",
      [
        "const tag = reader.tag();",
        "switch (tag) {",
        [
          ...fields.flatMap(({ field, ...rest }) => readField({ field, message, scope, ...rest })),
          "default:",
          ["if (tag === end) {", finish, "}", `runtime.keepUnknownField(message, ${quote(message.typeName)}, reader, tag);`],
        ],
        "}",
      ],
      "}",
      "reader.expectEnd(end);",
      ...finish,
    ],
    "}",
    "",
  ];
}

/** A later occurrence of the message may still bring what this one lacks. */
function noteIncomplete({ members }: MessagePlan): readonly Source[] {
  const required = members.filter((member) => member.kind === "field" && member.presence === "required");
  if (required.length === 0) return [];
  return [`if (${required.map(({ property }) => `${access("message", property)} === undefined`).join(" || ")}) reader.incomplete = true;`];
}

interface FieldContext {
  readonly field: FieldPlan;
  readonly oneof?: string;
  readonly message: MessagePlan;
  readonly scope: FileScope;
}

function initialValue(member: MemberPlan): string {
  if (member.kind === "oneof") return "undefined";
  const { shape } = member;
  if (shape.kind === "list") return "[]";
  if (shape.kind === "map") return "new Map()";
  // no message without it leaves the decoder
  if (member.presence === "required") return "undefined as never";
  return member.presence === "explicit" ? "undefined" : zeroValue(shape.value.type);
}

function readField(context: FieldContext): readonly Source[] {
  const { field, oneof } = context;
  const target = access("message", field.property);
  const { shape, number } = field;
  switch (shape.kind) {
    case "single": {
      const { type } = shape.value;
      const tag = tagOf(number, type, field.delimited);
      if (oneof === undefined)
        return readCase(
          tag,
          readValue(type, target, (value) => [`${target} = ${value};`], context),
        );
      const holder = access("message", oneof);
      const previous = `${holder}?.case === ${quote(field.property)} ? ${holder}.value : undefined`;
      const assign = (value: string): readonly Source[] => [`${holder} = { case: ${quote(field.property)}, value: ${value} };`];
      return readCase(tag, readValue(type, previous, assign, context));
    }
    case "list": {
      const { type } = shape.item;
      const tag = tagOf(number, type, field.delimited);
      const push = (value: string): readonly Source[] => [`${target}.push(${value});`];
      const item = readValue(type, undefined, push, context);
      if (!isPackable(type)) return readCase(tag, item);
      const packed = ["const outer = reader.narrow();", "while (reader.pos < reader.len) {", item, "}", "reader.widen(outer);"];
      return [...readCase(packedTag(number), packed), ...readCase(tag, item)];
    }
    case "map":
      return readCase(packedTag(number), readEntry(context, shape.key.type, shape.value.type));
  }
}

const isPackable = (type: ValueType): boolean =>
  type.kind === "scalar" ? type.scalar !== "string" && type.scalar !== "bytes" : type.kind === "enum" || type.kind === "null_value";

const readCase = (tag: number, body: readonly Source[]): readonly Source[] =>
  body.length === 1 ? [`case ${tag}:`, [...body, "break;"]] : [`case ${tag}: {`, [...body, "break;"], "}"];

type Assign = (value: string) => readonly Source[];

/** Statements that read a value and `assign` it; `previous` is merged into where the type is a message. */
function readValue(type: ValueType, previous: string | undefined, assign: Assign, context: FieldContext): readonly Source[] {
  const { message, field, scope } = context;
  const at = `message, ${quote(message.typeName)}, ${field.number}`;
  switch (type.kind) {
    case "scalar":
      return assign(readScalar(type));
    case "null_value":
      return assign(`runtime.readNullValue(reader, ${at})`);
    case "enum": {
      const undeclared = type.open ? assign(`runtime.keepEnumValue(${at}, value)`) : [`runtime.keepUndeclaredValue(${at}, value);`];
      return ["const value = reader.int32();", `if (${scope.refer(type.enum, "is")}(value)) {`, assign("value"), "} else {", undeclared, "}"];
    }
    default: {
      if (!field.delimited) return ["const outer = reader.enter();", ...assign(readBody(type, previous, "", scope)), "reader.leave(outer);"];
      const read = readBody(type, previous ?? "undefined", `, ${endTag(field.number)}`, scope);
      return ["reader.enterGroup();", ...assign(read), "reader.leaveGroup();"];
    }
  }
}

/** An expression that reads the fields of a message. */
function readBody(type: MessageType, previous: string | undefined, end: string, scope: FileScope): string {
  const second = previous === undefined ? "" : `, ${previous}`;
  switch (type.kind) {
    case "message":
      return `${scope.refer(type.message, "read")}(reader${second}${end})`;
    case "wrapper": {
      const zero = zeroOf(type.scalar);
      const value = previous === undefined || previous === "undefined" ? zero : `(${previous}) ?? ${zero}`;
      return `runtime.readWrapped(reader, ${tagOf(1, type.scalar)}, (reader) => ${readScalar(type.scalar)}, ${value}${end})`;
    }
    default:
      return `runtime.${wellKnownCode[type.kind].read}(reader${second}${end})`;
  }
}

function readEntry(context: FieldContext, keyType: ValueType, valueType: ValueType): readonly Source[] {
  const { scope, field, message } = context;
  const target = access("message", field.property);
  const key = keyType.kind === "scalar" ? { zero: zeroOf(keyType), read: readScalar(keyType) } : { zero: '""', read: "" };
  const closed = valueType.kind === "enum" && !valueType.open;
  const set = `${target}.set(key, entry === undefined ? ${emptyValue(valueType, scope)} : entry);`;
  return [
    ...(closed ? ["const start = reader.pos;", "let declared = true;"] : []),
    `let key = ${key.zero};`,
    `let entry: ReturnType<typeof ${target}.get>;`,
    "const entryEnd = reader.enter();",
    "while (reader.pos < reader.len) {",
    [
      "const inner = reader.tag();",
      `if (inner === ${tagOf(1, keyType)}) key = ${key.read};`,
      `else if (inner === ${tagOf(2, valueType)}) {`,
      closed ? readClosed(scope.refer(valueType.enum, "is")) : readValue(valueType, "entry", (value) => [`entry = ${value};`], context),
      "} else reader.skipField(inner);",
    ],
    "}",
    "reader.leave(entryEnd);",
    ...(closed ? [`if (declared) ${set}`, `else runtime.keepReadField(message, ${quote(message.typeName)}, reader, tag, start);`] : [set]),
  ];
}

/** An entry whose value the enum does not declare is kept as a whole. */
const readClosed = (isDeclared: string): readonly Source[] => [
  "const value = reader.int32();",
  `declared = ${isDeclared}(value);`,
  `if (${isDeclared}(value)) entry = value;`,
];

/** What stands for a value that is not there. */
function emptyValue(type: ValueType, scope: FileScope): string {
  switch (type.kind) {
    case "scalar":
    case "enum":
    case "null_value":
      return zeroValue(type);
    case "wrapper":
      return zeroOf(type.scalar);
    case "message":
      return `runtime.emptyMessage(reader, ${scope.refer(type.message, "read")})`;
    default:
      return `runtime.emptyMessage(reader, runtime.${wellKnownCode[type.kind].read})`;
  }
}

function zeroValue(type: ValueType): string {
  if (type.kind === "scalar") return zeroOf(type);
  return type.kind === "enum" ? String(type.zero) : "null";
}
