import type { UnrecognizedEnumValue } from "./enums.js";
import type { MessageReader } from "./reader.js";
import { Writer } from "./writer.js";

const key = Symbol("unknown fields");

/** What a decoded message holds beyond its contract; only the decoder makes one. */
class UnknownFields {
  /** Tags and values, as they arrived. */
  readonly #fields = new Writer();
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

  add(tag: number): Writer {
    return this.#fields.uint32(tag);
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
    writer.raw(this.#fields.view());
  }
}

/** Keeps the field behind `tag`, which the contract does not know, for when the message is published again. */
export function keepUnknownField(message: object, typeName: string, reader: MessageReader, tag: number): void {
  const start = reader.pos;
  reader.skipField(tag);
  keepReadField(message, typeName, reader, tag, start);
}

/** As `keepUnknownField`, of a field the value of which has been read from `start` on: an entry whose value its enum does not declare. */
export function keepReadField(message: object, typeName: string, reader: MessageReader, tag: number, start: number): void {
  UnknownFields.for(message, typeName).add(tag).raw(reader.raw(start, reader.pos));
}

/** Keeps a value that the closed enum of `field` does not declare: as an unknown field. */
export function keepUndeclaredValue(message: object, typeName: string, field: number, value: number): void {
  UnknownFields.for(message, typeName)
    .add((field << 3) >>> 0)
    .int32(value);
}

/**
 * Writes back what the decoder kept, if `message` was decoded as `typeName`. This comes before the fields that are known: of two occurrences of
 * a field, or of two fields of a oneof, the last one holds, and that is the one which the publisher knows.
 */
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
