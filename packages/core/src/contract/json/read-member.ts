import type { ValueType } from "../compiler/plan.js";
import { concealedKey } from "../violations/field-path.js";
import type { JsonField } from "./json-fields.js";
import { describeNode, isItems, isMembers, type JsonNode } from "./json-node.js";
import { readKey } from "./read-scalar.js";
import { acceptsNull, readValue } from "./read-value.js";
import type { JsonReading, Place } from "./reading.js";

/** Reads a member of an object into the field of the message in `place`. */
export function readMember(reading: JsonReading, { field, oneof }: JsonField, node: JsonNode, place: Place): void {
  const { shape, property, sensitive } = field;
  const before = reading.faults.mark();
  if (shape.kind === "single") {
    if (node !== null || acceptsNull(shape.value.type)) readSingle(reading, shape.value.type, { property, oneof }, node, place);
  }
  // null is nothing
  else if (node === null) return;
  else if (shape.kind === "list") readList(reading, shape.item.type, property, node, place);
  else readMap(reading, { keyType: shape.key.type, type: shape.value.type, property, sensitive }, node, place);
  // of a sensitive field a fault tells nothing
  if (sensitive) reading.faults.conceal(before);
}

interface Names {
  readonly property: string;
  readonly oneof: string | undefined;
}

function readSingle(reading: JsonReading, type: ValueType, { property, oneof }: Names, node: JsonNode, place: Place): void {
  const { faults } = reading;
  const { message } = place;
  if (oneof !== undefined && message[oneof] !== undefined) {
    faults.add(property, "duplicate_field", `must not be there beside another field of the oneof ${oneof}`);
    return;
  }
  const mark = faults.mark();
  const value = readValue(reading, type, node, place);
  faults.within(mark, property);
  if (value === undefined) return;
  if (oneof === undefined) message[property] = value;
  else message[oneof] = { case: property, value };
}

function readList(reading: JsonReading, type: ValueType, property: string, node: JsonNode, place: Place): void {
  const { faults } = reading;
  if (!isItems(node)) {
    faults.add(property, "type", "must be an array", describeNode(node));
    return;
  }
  const list = place.message[property] as unknown[];
  for (const [index, item] of node.entries()) {
    const mark = faults.mark();
    const value = readValue(reading, type, item, place);
    faults.within(mark, property, index);
    if (value !== undefined) list.push(value);
  }
}

interface MapField {
  readonly keyType: ValueType;
  readonly type: ValueType;
  readonly property: string;
  readonly sensitive: boolean;
}

function readMap(reading: JsonReading, { keyType, type, property, sensitive }: MapField, node: JsonNode, place: Place): void {
  const { faults } = reading;
  if (!isMembers(node) || keyType.kind !== "scalar") {
    faults.add(property, "type", "must be an object", describeNode(node));
    return;
  }
  const map = place.message[property] as Map<unknown, unknown>;
  // an entry is a message on the wire
  faults.depth++;
  for (const [name, item] of node) {
    const keyMark = faults.mark();
    const key = readKey(keyType, name, faults);
    const index = sensitive ? concealedKey : (key ?? name);
    faults.withinKey(keyMark, property, index);
    const mark = faults.mark();
    const value = readValue(reading, type, item, place);
    faults.within(mark, property, index);
    if (key !== undefined && value !== undefined) map.set(key, value);
  }
  faults.depth--;
}
