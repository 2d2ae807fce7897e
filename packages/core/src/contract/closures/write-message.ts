import type { FieldPlan, MemberPlan, MessagePlan, MessageType, ValueType } from "../compiler/plan.js";
import { endTag, packedTag, tagOf } from "../compiler/printer/scalars.js";
import { wellKnownCode } from "../compiler/printer/well-known.js";
import { entriesOf } from "../wire/entries.js";
import { writeNullValue } from "../wire/null-value.js";
import { writeUnknownFields } from "../wire/unknown-fields.js";
import type { Links, Loose, WriteMessage } from "./links.js";
import { runtimeFunction } from "./rules.js";
import { isNotZero, isOnWire, scalarWriter, type WriteValue } from "./scalars.js";

/** The function that writes a message. */
export function compileWrite(message: MessagePlan, links: Links): WriteMessage {
  const members = message.members.map((member) => ({ property: member.property, write: writeMember(member, links) }));
  const { typeName } = message;
  return (writer, value) => {
    writeUnknownFields(value, typeName, writer);
    for (const { property, write } of members) {
      const member = value[property];
      if (member !== undefined) write(writer, member);
    }
  };
}

/** Writes what is not undefined. */
function writeMember(member: MemberPlan, links: Links): WriteValue {
  if (member.kind === "field") return writeField(member, links);
  const cases = new Map(member.fields.map((field) => [field.property, writeSingle(field, links)]));
  return (writer, oneof) => {
    const { case: name, value } = oneof as { readonly case: string; readonly value: unknown };
    cases.get(name)?.(writer, value);
  };
}

function writeField(field: FieldPlan, links: Links): WriteValue {
  const { shape, number } = field;
  switch (shape.kind) {
    case "single": {
      const write = writeSingle(field, links);
      if (field.presence !== "implicit") return write;
      const isSet = isOnWire(shape.value.type);
      return (writer, value) => {
        if (isSet(value)) write(writer, value);
      };
    }
    case "list":
      return shape.packed ? writePacked(shape.item.type, number) : writeItems(writeValue(shape.item.type, number, field.delimited, links));
    case "map":
      return writeEntries(packedTag(number), writeValue(shape.key.type, 1, false, links), writeValue(shape.value.type, 2, false, links));
  }
}

function writeSingle({ shape, number, delimited }: FieldPlan, links: Links): WriteValue {
  if (shape.kind !== "single") throw new TypeError("a list or map is no single value");
  return writeValue(shape.value.type, number, delimited, links);
}

const writeItems =
  (write: WriteValue): WriteValue =>
  (writer, list) => {
    for (const item of list as readonly unknown[]) write(writer, item);
  };

function writePacked(type: ValueType, number: number): WriteValue {
  const tag = packedTag(number);
  const write = type.kind === "scalar" ? scalarWriter(type) : writeNumber;
  return (writer, value) => {
    const list = value as readonly unknown[];
    if (list.length === 0) return;
    writer.uint32(tag).fork();
    for (const item of list) write(writer, item);
    writer.ldelim();
  };
}

/** Writes the number of an enum; null is that of `NullValue`. */
const writeNumber: WriteValue = (writer, value) => writeNullValue(writer, value as number | null);

const writeEntries =
  (tag: number, writeKey: WriteValue, writeEntry: WriteValue): WriteValue =>
  (writer, map) => {
    for (const [key, entry] of entriesOf(map as Loose)) {
      writer.uint32(tag).fork();
      writeKey(writer, key);
      writeEntry(writer, entry);
      writer.ldelim();
    }
  };

/** Writes one value with its tag. */
function writeValue(type: ValueType, number: number, delimited: boolean, links: Links): WriteValue {
  const tag = tagOf(number, type, delimited);
  switch (type.kind) {
    case "scalar": {
      const write = scalarWriter(type);
      return (writer, value) => write(writer.uint32(tag), value);
    }
    case "enum":
    case "null_value":
      return (writer, value) => writeNumber(writer.uint32(tag), value);
    default:
      return delimited ? writeGroup(tag, endTag(number), compileBody(type, links)) : writeNested(tag, compileBody(type, links));
  }
}

const writeNested =
  (tag: number, write: WriteValue): WriteValue =>
  (writer, value) => {
    writer.uint32(tag).fork();
    write(writer, value);
    writer.ldelim();
  };

const writeGroup =
  (tag: number, end: number, write: WriteValue): WriteValue =>
  (writer, value) => {
    write(writer.uint32(tag), value);
    writer.uint32(end);
  };

/** Writes the fields of a message. */
export function compileBody(type: MessageType, links: Links): WriteValue {
  switch (type.kind) {
    case "message": {
      const linked = links.message(type.message);
      return (writer, value) => linked.write(writer, value as Loose);
    }
    case "wrapper": {
      const [isSet, write] = [isNotZero(type.scalar), writeValue(type.scalar, 1, false, links)];
      return (writer, value) => {
        if (isSet(value)) write(writer, value);
      };
    }
    default:
      return runtimeFunction(wellKnownCode[type.kind].write) as WriteValue;
  }
}
