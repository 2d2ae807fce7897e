import type { UnrecognizedEnumValue } from "./enums.js";
import type { MessageReader } from "./reader.js";
import type { Writer } from "./writer.js";

const key = Symbol("unknown fields");

/** What a decoded message holds beyond its contract; only the decoder makes one. */
class UnknownFields {
  readonly #chunks: { readonly tag: number; readonly bytes: Uint8Array }[] = [];
  /** By the number of the field. */
  readonly #enumValues = new Map<number, Set<number>>();
  readonly #typeName: string;

  constructor(typeName: string) {
    this.#typeName = typeName;
  }

  /** The unknown fields of `message` if it was decoded as `typeName`. */
  static of(message: object, typeName: string): UnknownFields | undefined {
    const found: unknown = (message as { readonly [key]?: unknown })[key];
    return found instanceof UnknownFields && found.#typeName === typeName ? found : undefined;
  }

  static for(message: object, typeName: string): UnknownFields {
    const found = UnknownFields.of(message, typeName);
    if (found !== undefined) return found;
    const made = new UnknownFields(typeName);
    // enumerable: a spread of the message keeps it
    Object.assign(message, { [key]: made });
    return made;
  }

  add(tag: number, bytes: Uint8Array): void {
    this.#chunks.push({ tag, bytes });
  }

  addEnumValue(field: number, value: number): void {
    const values = this.#enumValues.get(field);
    if (values === undefined) this.#enumValues.set(field, new Set([value]));
    else values.add(value);
  }

  hasEnumValue(field: number, value: number): boolean {
    return this.#enumValues.get(field)?.has(value) ?? false;
  }

  write(writer: Writer): void {
    for (const { tag, bytes } of this.#chunks) writer.uint32(tag).raw(bytes);
  }
}

/** Keeps the field behind `tag`, which the contract does not know, for when the message is published again. */
export function keepUnknownField(message: object, typeName: string, reader: MessageReader, tag: number): void {
  const start = reader.pos;
  reader.skipField(tag);
  UnknownFields.for(message, typeName).add(tag, new Uint8Array(reader.raw(start, reader.pos)));
}

/** Writes back what the decoder kept, if `message` was decoded as `typeName`. */
export function writeUnknownFields(message: object, typeName: string, writer: Writer): void {
  UnknownFields.of(message, typeName)?.write(writer);
}

/** Remembers that the decoder met an undeclared enum value in `field`, and returns it. */
export function keepEnumValue(message: object, typeName: string, field: number, value: number): UnrecognizedEnumValue {
  UnknownFields.for(message, typeName).addEnumValue(field, value);
  return value as UnrecognizedEnumValue;
}

/** Whether the decoder met `value` in `field`: then it may be published again although it is not declared. */
export function hasEnumValue(message: object, typeName: string, field: number, value: number): boolean {
  return UnknownFields.of(message, typeName)?.hasEnumValue(field, value) ?? false;
}
