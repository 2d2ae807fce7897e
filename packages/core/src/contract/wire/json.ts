import type { MessageReader } from "./reader.js";
import type { Writer } from "./writer.js";

/** A value of JSON, as `google.protobuf.Value`. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** An object of JSON, as `google.protobuf.Struct`. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/** What may be published as a `Value`: numbers are finite, text is well-formed. */
export type JsonValueInit = null | boolean | number | string | JsonListInit | JsonObjectInit;

/** What may be published as a `ListValue`. */
export type JsonListInit = readonly JsonValueInit[];

/** What may be published as a `Struct`; a property that is undefined is none. */
export interface JsonObjectInit {
  readonly [name: string]: JsonValueInit | undefined;
}

export function readStruct(reader: MessageReader, previous: JsonObject = {}, end = -1): JsonObject {
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 10) readProperty(reader, previous);
    else if (tag === end) return previous;
    else reader.skipField(tag);
  }
  reader.expectEnd(end);
  return previous;
}

function readProperty(reader: MessageReader, object: JsonObject): void {
  let name = "";
  let value: JsonValue | undefined;
  const outer = reader.enter();
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 10) name = reader.text();
    else if (tag === 18) {
      const entry = reader.enter();
      value = readValue(reader, value);
      reader.leave(entry);
    } else reader.skipField(tag);
  }
  reader.leave(outer);
  if (value === undefined) throw withoutKind();
  // an assignment to this name would set the prototype
  if (name === "__proto__") Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  else object[name] = value;
}

export function readValue(reader: MessageReader, previous?: JsonValue, end = -1): JsonValue {
  let value = previous;
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === end) return known(value);
    switch (tag) {
      case 8:
        reader.int32();
        value = null;
        break;
      case 17:
        value = reader.double();
        break;
      case 26:
        value = reader.text();
        break;
      case 32:
        value = reader.bool();
        break;
      case 42: {
        const outer = reader.enter();
        value = readStruct(reader, isObject(value) ? value : undefined);
        reader.leave(outer);
        break;
      }
      case 50: {
        const outer = reader.enter();
        value = readListValue(reader, Array.isArray(value) ? value : undefined);
        reader.leave(outer);
        break;
      }
      default:
        reader.skipField(tag);
    }
  }
  reader.expectEnd(end);
  return known(value);
}

export function readListValue(reader: MessageReader, previous: JsonValue[] = [], end = -1): JsonValue[] {
  while (reader.pos < reader.len) {
    const tag = reader.tag();
    if (tag === 10) {
      const outer = reader.enter();
      previous.push(readValue(reader));
      reader.leave(outer);
    } else if (tag === end) return previous;
    else reader.skipField(tag);
  }
  reader.expectEnd(end);
  return previous;
}

export function writeStruct(writer: Writer, object: JsonObjectInit): void {
  for (const [name, value] of Object.entries(object)) {
    if (value === undefined) continue;
    writer.uint32(10).fork().uint32(10).string(name).uint32(18).fork();
    writeValue(writer, value);
    writer.ldelim().ldelim();
  }
}

export function writeValue(writer: Writer, value: JsonValueInit): void {
  if (value === null) writer.uint32(8).int32(0);
  else if (typeof value === "number") writer.uint32(17).double(value);
  else if (typeof value === "string") writer.uint32(26).string(value);
  else if (typeof value === "boolean") writer.uint32(32).bool(value);
  else if (isList(value)) {
    writer.uint32(50).fork();
    writeListValue(writer, value);
    writer.ldelim();
  } else {
    writer.uint32(42).fork();
    writeStruct(writer, value);
    writer.ldelim();
  }
}

export function writeListValue(writer: Writer, list: JsonListInit): void {
  for (const value of list) {
    writer.uint32(10).fork();
    writeValue(writer, value);
    writer.ldelim();
  }
}

function known(value: JsonValue | undefined): JsonValue {
  if (value === undefined) throw withoutKind();
  return value;
}

/** The standard has it that a value which is neither null nor anything else is an error. */
const withoutKind = (): RangeError => new RangeError("a google.protobuf.Value has no kind");

const isObject = (value: JsonValue | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** `Array.isArray` does not know read-only arrays. */
const isList = (value: JsonValueInit): value is JsonListInit => Array.isArray(value);
