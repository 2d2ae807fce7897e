import type { DescEnum, DescField, DescMessage, DescOneof } from "@bufbuild/protobuf";
import type { TypeReference } from "./plan.js";

/** Names that a generated file uses for itself: what JavaScript reserves, and the globals it needs. */
const taken: ReadonlySet<string> = new Set(
  (
    "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in " +
    "instanceof interface let new null package private protected public return static super switch this throw true try typeof undefined var void while " +
    "with yield any bigint boolean never number object string symbol unknown runtime evaluation " +
    "Array BigInt Buffer Date Map Math Object Promise ReadonlyMap ReadonlySet Record Readonly RegExp Set String Symbol Uint8Array"
  ).split(" "),
);

/** The generated name of a message or enum: nested ones after their outer, `Outer_Inner`. */
export function typeReference(desc: DescMessage | DescEnum): TypeReference {
  let name = desc.name;
  for (let parent = desc.parent; parent !== undefined; parent = parent.parent) name = `${parent.name}_${name}`;
  return { name: taken.has(name) ? `${name}$` : name, typeName: desc.typeName, file: desc.file.proto.name };
}

/** The property of a field or oneof: lowerCamelCase; a `$` behind what every object has. */
export function propertyName(desc: DescField | DescOneof): string {
  return desc.localName in Object.prototype ? `${desc.localName}$` : desc.localName;
}

/** The name of the type that may be published. */
export const initName = ({ name }: Pick<TypeReference, "name">): string => `${name}Init`;

/** A message and all that are declared within it; entries of maps are none. */
export const withNested = (message: DescMessage): readonly DescMessage[] =>
  message.proto.options?.mapEntry ? [] : [message, ...message.nestedMessages.flatMap(withNested)];
