import type { ValueType } from "../compiler/plan.js";
import { packedTag, tagOf } from "../compiler/printer/scalars.js";
import { emptyMessage } from "../wire/messages.js";
import type { MessageReader } from "../wire/reader.js";
import { keepReadField } from "../wire/unknown-fields.js";
import { type Place, type ReadField, type ReadMember, readBody, readValue, type Target } from "./read-value.js";
import { zeroOf, zeroValue } from "./scalars.js";

/** Reads an entry into the map in `property`. An entry whose value a closed enum does not declare is kept as a whole. */
export function readEntry(property: string, keyType: ValueType, valueType: ValueType, place: Place): ReadField {
  const { typeName, number, links } = place;
  const [keyTag, valueTag, fieldTag] = [tagOf(1, keyType), tagOf(2, valueType), packedTag(number)];
  const readKey = readValue(keyType, place);
  const readEntryValue = valueType.kind === "enum" && !valueType.open ? readClosed(links.isDeclared(valueType.enum)) : readValue(valueType, place);
  const noValue = emptyValue(valueType, place);
  return (reader, message) => {
    const start = reader.pos;
    let key = zeroValue(keyType);
    let entry: unknown;
    let isDeclared = true;
    const outer = reader.enter();
    while (reader.pos < reader.len) {
      const tag = reader.tag();
      if (tag === keyTag) key = readKey(reader, message);
      else if (tag === valueTag) {
        const value = readEntryValue(reader, message, entry);
        isDeclared = value !== undefined;
        // null is a value
        if (isDeclared) entry = value;
      } else reader.skipField(tag);
    }
    reader.leave(outer);
    if (isDeclared) (message[property] as Map<unknown, unknown>).set(key, entry === undefined ? noValue(reader) : entry);
    else keepReadField(message, typeName, reader, fieldTag, start);
  };
}

const readClosed =
  (isDeclared: (value: unknown) => boolean): ReadMember =>
  (reader: MessageReader, _message: Target) => {
    const value = reader.int32();
    return isDeclared(value) ? value : undefined;
  };

/** What stands for a value that is not there. */
function emptyValue(type: ValueType, { links }: Place): (reader: MessageReader) => unknown {
  switch (type.kind) {
    case "scalar":
    case "enum":
    case "null_value":
      return () => zeroValue(type);
    case "wrapper":
      return () => zeroOf(type.scalar);
    default: {
      const read = readBody(type, links);
      return (reader) => emptyMessage(reader, read);
    }
  }
}
