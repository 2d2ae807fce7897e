import { suggestName } from "../../suggest-name.js";
import { defaultMaxDepth } from "../wire/limits.js";
import { MessageReader } from "../wire/reader.js";
import { mergeExtensions } from "./extensions.js";
import type { JsonField } from "./json-fields.js";
import type { JsonMembers } from "./json-node.js";
import type { JsonMessage } from "./json-types.js";
import { readMember } from "./read-member.js";
import type { JsonReading, Target } from "./reading.js";

/** Reads the members of an object as fields of a message, but for the one that is called `except`. */
export function readMembers(reading: JsonReading, type: JsonMessage, members: JsonMembers, except?: string): object | undefined {
  const { faults } = reading;
  if (faults.depth > defaultMaxDepth) {
    faults.add("", "depth", `must not be nested in more than ${defaultMaxDepth} messages`);
    return undefined;
  }
  const { extensions } = type;
  const isExtension = (name: string): boolean => extensions?.fields.has(name) ?? false;
  const message = readFields(reading, type, members, (name) => name === except || isExtension(name));
  const mark = faults.mark();
  if (extensions !== undefined && Array.from(members.keys()).some(isExtension)) {
    const extended = readFields(reading, extensions, members, (name) => !isExtension(name));
    if (faults.mark() === mark) mergeExtensions(extensions, extended, type, message);
  }
  return message;
}

/** Reads members as fields of a message, but for those that are `left` out. */
function readFields(reading: JsonReading, type: JsonMessage, members: JsonMembers, left: (name: string) => boolean): Target {
  // no bytes are a message in which nothing is set
  const message = type.linked.read(new MessageReader(new Uint8Array())) as Target;
  const seen = new Set<JsonField>();
  for (const [name, node] of members) {
    if (left(name)) continue;
    const field = type.fields.get(name);
    if (field === undefined) refuseUnknown(reading, type, name);
    else if (seen.has(field))
      reading.faults.add(field.field.property, "duplicate_field", `must not be there twice, is there as ${JSON.stringify(name)} too`);
    else {
      seen.add(field);
      readMember(reading, field, node, { message, typeName: type.plan.typeName, number: field.field.number });
    }
  }
  return message;
}

function refuseUnknown({ faults, ignoreUnknownFields }: JsonReading, { fields }: JsonMessage, name: string): void {
  if (ignoreUnknownFields) return;
  const meant = suggestName(
    name,
    Array.from(fields.values(), ({ field }) => field.jsonName),
  );
  const path = /^[A-Za-z_$][\w$]*$/.test(name) ? name : `[${JSON.stringify(name)}]`;
  faults.add(path, "unknown_field", `is not a field of the contract${meant === undefined ? "" : ` (is ${meant} meant?)`}`);
}
