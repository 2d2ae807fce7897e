import type { MessageType, ValueType } from "../compiler/plan.js";
import { endTag, tagOf } from "../compiler/printer/scalars.js";
import { wellKnownCode } from "../compiler/printer/well-known.js";
import { readWrapped } from "../wire/messages.js";
import { readNullValue } from "../wire/null-value.js";
import type { MessageReader } from "../wire/reader.js";
import { keepEnumValue, keepUndeclaredValue } from "../wire/unknown-fields.js";
import type { Links } from "./links.js";
import { runtimeFunction } from "./rules.js";
import { scalarReader, zeroOf } from "./scalars.js";

/** A message that is being read. */
export type Target = Record<string, unknown>;

/** Reads an occurrence of a field into `message`. */
export type ReadField = (reader: MessageReader, message: Target) => void;

/**
 * Reads a value of a field of `message`; undefined where it is none that the field can have, and was kept elsewhere. `previous` is merged into
 * where the type is a message.
 */
export type ReadMember = (reader: MessageReader, message: Target, previous?: unknown) => unknown;

/** Where a value stands. */
export interface Place {
  /** Of the message, and the number of the field in it. */
  readonly typeName: string;
  readonly number: number;
  readonly delimited: boolean;
  readonly links: Links;
}

export const readInto =
  (property: string, read: ReadMember): ReadField =>
  (reader, message) => {
    const value = read(reader, message, message[property]);
    if (value !== undefined) message[property] = value;
  };

export const readCase =
  (oneof: string, property: string, read: ReadMember): ReadField =>
  (reader, message) => {
    const holder = message[oneof] as { readonly case: string; readonly value: unknown } | undefined;
    const value = read(reader, message, holder?.case === property ? holder.value : undefined);
    if (value !== undefined) message[oneof] = { case: property, value };
  };

export const readItemOf =
  (property: string, read: ReadMember): ReadField =>
  (reader, message) => {
    const value = read(reader, message);
    if (value !== undefined) (message[property] as unknown[]).push(value);
  };

export const readPacked =
  (readItem: ReadField): ReadField =>
  (reader, message) => {
    const outer = reader.narrow();
    while (reader.pos < reader.len) readItem(reader, message);
    reader.widen(outer);
  };

/** Whether items may come packed. */
export const isPackable = (type: ValueType): boolean =>
  type.kind === "scalar" ? type.scalar !== "string" && type.scalar !== "bytes" : type.kind === "enum" || type.kind === "null_value";

export function readValue(type: ValueType, { typeName, number, delimited, links }: Place): ReadMember {
  switch (type.kind) {
    case "scalar":
      return scalarReader(type);
    case "null_value":
      return (reader, message) => readNullValue(reader, message, typeName, number);
    case "enum": {
      const isDeclared = links.isDeclared(type.enum);
      const { open } = type;
      return (reader, message) => {
        const value = reader.int32();
        if (isDeclared(value)) return value;
        return open ? keepEnumValue(message, typeName, number, value) : keepUndeclaredValue(message, typeName, number, value);
      };
    }
    default:
      return delimited ? readGroup(readBody(type, links), endTag(number)) : readNested(readBody(type, links));
  }
}

/** Reads the fields of a message, up to the tag `end` where it is a group. */
export type ReadBody = (reader: MessageReader, previous?: unknown, end?: number) => unknown;

const readNested =
  (read: ReadBody): ReadMember =>
  (reader, _message, previous) => {
    const outer = reader.enter();
    const value = read(reader, previous);
    reader.leave(outer);
    return value;
  };

const readGroup =
  (read: ReadBody, end: number): ReadMember =>
  (reader, _message, previous) => {
    reader.enterGroup();
    const value = read(reader, previous, end);
    reader.leaveGroup();
    return value;
  };

export function readBody(type: MessageType, links: Links): ReadBody {
  switch (type.kind) {
    case "message": {
      const linked = links.message(type.message);
      return (reader, previous, end) => linked.read(reader, previous as object | undefined, end);
    }
    case "wrapper": {
      const { scalar } = type;
      const [tag, read] = [tagOf(1, scalar), scalarReader(scalar)];
      return (reader, previous, end) => readWrapped(reader, tag, read, previous ?? zeroOf(scalar), end);
    }
    default:
      return runtimeFunction(wellKnownCode[type.kind].read) as ReadBody;
  }
}
