import type { UnrecognizedEnumValue } from "./enums.js";
import type { MessageReader } from "./reader.js";
import { Writer } from "./writer.js";

const key = Symbol("unknown fields");

/** What a decoded message holds beyond its contract; only the decoder makes one. Small: there may be one for every few bytes of hostile input. */
class UnknownFields {
  /** Tags and values, as they arrived; with room for more. */
  #bytes = nothing;
  #length = 0;
  /** By the number of the field. */
  #enumValues: Map<number, Set<number>> | undefined;
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

  /** Adds a tag, a value, or a piece of them. */
  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  addEnumValue(field: number, value: number): void {
    this.#enumValues ??= new Map();
    const values = this.#enumValues.get(field);
    if (values === undefined) this.#enumValues.set(field, new Set([value]));
    else values.add(value);
  }

  hasEnumValue(field: number, value: number): boolean {
    return this.#enumValues?.get(field)?.has(value) ?? false;
  }

  write(writer: Writer): void {
    writer.raw(this.#bytes.subarray(0, this.#length));
  }
}

const nothing = new Uint8Array();

/** Writes tags. */
const scratch = new Writer();

function tagBytes(tag: number): Uint8Array {
  scratch.reset();
  return scratch.uint32(tag).view();
}

/** Keeps the field behind `tag`, which the contract does not know, for when the message is published again. */
export function keepUnknownField(message: object, typeName: string, reader: MessageReader, tag: number): void {
  const start = reader.pos;
  reader.skipField(tag);
  keepReadField(message, typeName, reader, tag, start);
}

/** As `keepUnknownField`, of a field the value of which has been read from `start` on: an entry whose value its enum does not declare. */
export function keepReadField(message: object, typeName: string, reader: MessageReader, tag: number, start: number): void {
  const fields = UnknownFields.for(message, typeName);
  fields.add(tagBytes(tag));
  fields.add(reader.raw(start, reader.pos));
}

/** Keeps a value that the closed enum of `field` does not declare: as an unknown field. */
export function keepUndeclaredValue(message: object, typeName: string, field: number, value: number): void {
  scratch.reset();
  UnknownFields.for(message, typeName).add(
    scratch
      .uint32((field << 3) >>> 0)
      .int32(value)
      .view(),
  );
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
