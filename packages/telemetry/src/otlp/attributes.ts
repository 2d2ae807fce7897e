import type { AnyValue, Attributes } from "@opentelemetry/api";
import { BackwardWriter } from "./backward-writer.js";

/** How many names of attributes, and how many values of one, are kept as bytes. A name with more values (an id, a key) has none of them kept. */
const maxNames = 1_024;
const maxValues = 128;
const maxValueCharacters = 128;

interface Known {
  /** The field `key` of a `KeyValue`. */
  readonly key: Uint8Array;
  /** Whole `KeyValue`s, by their value; undefined once there were too many. */
  values: Map<string, Uint8Array> | undefined;
}

const scratch = new BackwardWriter();

/** Writes attributes as `KeyValue`s. What comes again and again is written once and copied after. */
export class AttributeWriter {
  readonly #known = new Map<string, Known>();

  constructor(private readonly writer: BackwardWriter) {}

  /** @param field of the `KeyValue`s in what they are attributes of */
  write(field: number, attributes: Attributes): void {
    const names = Object.keys(attributes);
    for (let index = names.length - 1; index >= 0; index--) {
      const name = names[index] as string;
      const written = this.writer.length;
      this.#keyValue(name, attributes[name]);
      this.writer.delimited(field, written);
    }
  }

  #keyValue(name: string, value: AnyValue): void {
    const known = this.#known.get(name) ?? this.#learn(name);
    if (typeof value === "string" && value.length <= maxValueCharacters && known.values !== undefined) {
      const bytes = known.values.get(value) ?? this.#keep(known, value);
      this.writer.raw(bytes);
    } else writeKeyValue(this.writer, known.key, value);
  }

  #learn(name: string): Known {
    scratch.text(1, name);
    const isKept = this.#known.size < maxNames;
    const known = { key: scratch.finish(), values: isKept ? new Map<string, Uint8Array>() : undefined };
    if (isKept) this.#known.set(name, known);
    return known;
  }

  #keep(known: Known, value: string): Uint8Array {
    writeKeyValue(scratch, known.key, value);
    const bytes = scratch.finish();
    if (known.values !== undefined && known.values.size < maxValues) known.values.set(value, bytes);
    else known.values = undefined;
    return bytes;
  }
}

function writeKeyValue(writer: BackwardWriter, key: Uint8Array, value: AnyValue): void {
  const written = writer.length;
  writeAnyValue(writer, value);
  writer.delimited(2, written);
  writer.raw(key);
}

function writeAnyValue(writer: BackwardWriter, value: AnyValue): void {
  if (typeof value === "string") writer.text(1, value);
  else if (typeof value === "boolean") {
    writer.varint(value ? 1 : 0);
    writer.tag(2, 0);
  } else if (typeof value === "number") writeNumber(writer, value);
  else if (value instanceof Uint8Array) {
    const written = writer.length;
    writer.raw(value);
    writer.delimited(7, written);
  } else if (Array.isArray(value)) writeArray(writer, value);
  else if (typeof value === "object" && value !== null) writeMap(writer, value);
}

function writeNumber(writer: BackwardWriter, value: number): void {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) {
    writer.varint(value);
    writer.tag(3, 0);
  } else {
    writer.double(value);
    writer.tag(4, 1);
  }
}

function writeArray(writer: BackwardWriter, values: readonly AnyValue[]): void {
  const written = writer.length;
  for (const value of values.toReversed()) {
    const before = writer.length;
    writeAnyValue(writer, value);
    writer.delimited(1, before);
  }
  writer.delimited(5, written);
}

function writeMap(writer: BackwardWriter, map: object): void {
  const written = writer.length;
  for (const [name, value] of Object.entries(map).toReversed() as [string, AnyValue][]) {
    const before = writer.length;
    writeAnyValue(writer, value);
    writer.delimited(2, before);
    writer.text(1, name);
    writer.delimited(1, before);
  }
  writer.delimited(6, written);
}
