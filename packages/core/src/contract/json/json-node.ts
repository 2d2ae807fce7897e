/** A value of JSON text. Numbers are kept as they are written, objects with their members in order. */
export type JsonNode = null | boolean | string | JsonNumber | readonly JsonNode[] | JsonMembers;

/** A number, as written: what it can hold depends on the field. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The members of an object, by name. */
export type JsonMembers = ReadonlyMap<string, JsonNode>;

export const isMembers = (node: JsonNode): node is JsonMembers => node instanceof Map;

export const isItems = (node: JsonNode): node is readonly JsonNode[] => Array.isArray(node);

/** What a value is, for the text of a fault. Never the content of a string. */
export function describeNode(node: JsonNode): string {
  if (node === null) return "null";
  if (node instanceof JsonNumber) return `the number ${node.text.slice(0, 40)}`;
  if (isItems(node)) return "an array";
  return isMembers(node) ? "an object" : typeof node === "string" ? "a string" : String(node);
}
