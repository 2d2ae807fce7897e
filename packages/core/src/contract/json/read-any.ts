import { compileBody } from "../closures/write-message.js";
import type { MessageType, ValueType } from "../compiler/plan.js";
import { wellKnownType } from "../compiler/value-type.js";
import type { Any } from "../wire/any.js";
import { Writer } from "../wire/writer.js";
import { isMembers, type JsonMembers, type JsonNode } from "./json-node.js";
import { refuse } from "./read-scalar.js";
import type { JsonReading, Place } from "./reading.js";
import { checkSoundness } from "./soundness.js";

/** The member that says which type an `Any` holds, and the one that holds a value which is no object of fields. */
export const [typeMember, valueMember] = ["@type", "value"];

type ReadValue = (reading: JsonReading, type: ValueType, node: JsonNode, place: Place) => unknown;

/** Reads an `Any`: an object with a type and the fields of its message; the message is encoded. */
export function readAny(reading: JsonReading, node: JsonNode, readValue: ReadValue): Any | undefined {
  const { faults, types } = reading;
  if (!isMembers(node)) return refuse(faults, "must be an object", node);
  if (node.size === 0) return { typeUrl: "", value: new Uint8Array() };
  const typeUrl = node.get(typeMember);
  const typeName = typeof typeUrl === "string" ? typeNameOf(typeUrl) : undefined;
  if (typeof typeUrl !== "string" || typeName === undefined) {
    faults.add(`["${typeMember}"]`, "type_url", "must end in / and the full name of a message, as type.googleapis.com/quakes.v1.QuakeReported");
    return undefined;
  }
  const wellKnown = wellKnownType(typeName);
  const type = types.message(typeName);
  const mark = faults.mark();
  const writer = new Writer();
  if (wellKnown !== undefined && wellKnown.kind !== "empty") writeWellKnown(reading, wellKnown, node, writer, readValue);
  else if (type !== undefined) {
    const message = reading.readMembers(reading, type, node, typeMember);
    if (message !== undefined && faults.mark() === mark) checkSoundness(faults, type.linked, message);
    if (message !== undefined && faults.mark() === mark) type.linked.write(writer, { ...message });
  } else if (wellKnown === undefined) faults.add(`["${typeMember}"]`, "type_url", `must be a type of the registry, ${typeName} is none`);
  return faults.mark() === mark ? { typeUrl, value: new Uint8Array(writer.view()) } : undefined;
}

/** The name of the type in an URL; undefined where there is none. */
export function typeNameOf(typeUrl: string): string | undefined {
  const slash = typeUrl.lastIndexOf("/");
  return slash === -1 || slash === typeUrl.length - 1 ? undefined : typeUrl.slice(slash + 1);
}

function writeWellKnown(reading: JsonReading, type: MessageType, members: JsonMembers, writer: Writer, readValue: ReadValue): void {
  const { faults, types, ignoreUnknownFields } = reading;
  for (const name of members.keys()) {
    if (name !== typeMember && name !== valueMember && !ignoreUnknownFields) faults.add(name, "unknown_field", "must not be there beside value");
  }
  const node = members.get(valueMember);
  if (node === undefined) {
    faults.add(valueMember, "required", "is required");
    return;
  }
  const mark = faults.mark();
  // only enums ask for their place
  const value = readValue(reading, type, node, { message: {}, typeName: "google.protobuf.Any", number: 2 });
  faults.within(mark, valueMember);
  if (value !== undefined && faults.mark() === mark) compileBody(type, types.links)(writer, value);
}
