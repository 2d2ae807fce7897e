import type { FieldPlan, MemberPlan, MessagePlan } from "../compiler/plan.js";
import { packedTag, tagOf } from "../compiler/printer/scalars.js";
import { keepUnknownField } from "../wire/unknown-fields.js";
import type { Links, ReadMessage } from "./links.js";
import { readEntry } from "./read-entry.js";
import { isPackable, type ReadField, readCase, readInto, readItemOf, readPacked, readValue, type Target } from "./read-value.js";
import { zeroValue } from "./scalars.js";

/** The function that reads a message, into `previous` where an earlier occurrence of the same field has made one. `end` is the tag that ends a group. */
export function compileRead(message: MessagePlan, links: Links): ReadMessage {
  const { typeName, members } = message;
  const initial = members.map((member) => ({ property: member.property, value: initialValue(member) }));
  const required = members.filter((member) => member.kind === "field" && member.presence === "required").map(({ property }) => property);
  const fields = new Map<number, ReadField>();
  for (const member of members) {
    const oneof = member.kind === "oneof" ? member.property : undefined;
    for (const field of member.kind === "oneof" ? member.fields : [member]) addField(field, oneof, { typeName, links, fields });
  }
  return (reader, previous, end = -1) => {
    const target = (previous ?? {}) as Target;
    if (previous === undefined) for (const { property, value } of initial) target[property] = value();
    let isOpen = true;
    while (isOpen && reader.pos < reader.len) {
      const tag = reader.tag();
      const read = fields.get(tag);
      if (read !== undefined) read(reader, target);
      else if (tag === end) isOpen = false;
      else keepUnknownField(target, typeName, reader, tag);
    }
    if (isOpen) reader.expectEnd(end);
    // a later occurrence of the message may still bring what this one lacks
    for (const property of required) if (target[property] === undefined) reader.incomplete = true;
    return target;
  };
}

interface Context {
  readonly typeName: string;
  readonly links: Links;
  /** What reads a field, by tag. */
  readonly fields: Map<number, ReadField>;
}

function initialValue(member: MemberPlan): () => unknown {
  if (member.kind === "oneof") return () => undefined;
  const { shape, presence } = member;
  if (shape.kind === "list") return () => [];
  if (shape.kind === "map") return () => new Map();
  const { type } = shape.value;
  return presence === "implicit" ? () => zeroValue(type) : () => undefined;
}

function addField(field: FieldPlan, oneof: string | undefined, { typeName, links, fields }: Context): void {
  const { shape, number, property, delimited } = field;
  const place = { typeName, number, delimited, links };
  switch (shape.kind) {
    case "single": {
      const { type } = shape.value;
      const read = readValue(type, place);
      fields.set(tagOf(number, type, delimited), oneof === undefined ? readInto(property, read) : readCase(oneof, property, read));
      return;
    }
    case "list": {
      const { type } = shape.item;
      const readItem = readItemOf(property, readValue(type, place));
      if (isPackable(type)) fields.set(packedTag(number), readPacked(readItem));
      fields.set(tagOf(number, type, delimited), readItem);
      return;
    }
    case "map":
      fields.set(packedTag(number), readEntry(property, shape.key.type, shape.value.type, place));
  }
}
