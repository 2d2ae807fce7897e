import type { Loose } from "../closures/links.js";
import { MessageReader } from "../wire/reader.js";
import { writeUnknownFields } from "../wire/unknown-fields.js";
import { Writer } from "../wire/writer.js";
import type { JsonMessage } from "./json-types.js";

/** Puts extensions into the message that they extend, to which they are unknown fields. */
export function mergeExtensions({ linked }: JsonMessage, extensions: Loose, into: JsonMessage, message: object): void {
  const writer = new Writer();
  linked.write(writer, extensions);
  into.linked.read(new MessageReader(writer.finish()), message);
}

/** The extensions that a message holds, as the fields of a message of their own. */
export function extensionsOf({ linked }: JsonMessage, of: JsonMessage, message: object): Loose {
  const writer = new Writer();
  writeUnknownFields(message, of.plan.typeName, writer);
  return linked.read(new MessageReader(writer.finish())) as Loose;
}
