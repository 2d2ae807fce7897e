import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { wireTypeOf, wireTypeOfScalar } from "./wire-types.js";

/** What the standard says of bytes. */
export interface Judgement {
  /** Why they are no message; undefined where they are one, but for the fields that it must have. */
  readonly fault: string | undefined;
  /** What is in them on which implementations differ. */
  readonly oddities: ReadonlySet<Oddity>;
}

/**
 * - `wire type`: a known field has another wire type, and so is an unknown field; @bufbuild/protobuf reads it all the same
 * - `kindless`: a `google.protobuf.Value` is nothing, not even null, which is an error for us and null or nothing elsewhere
 * - `closed`: an item or entry is no value of its closed enum, and so is an unknown field; @bufbuild/protobuf leaves it where it is
 * - `null`: the null of a `google.protobuf.Value` has another number than 0, which we forget
 * - `no room`: an unknown field in a message that is a plain value for us, which forgets it
 */
export type Oddity = "wire type" | "kindless" | "closed" | "null" | "no room";

/** Walks over `bytes` as the standard says, one rule after the other: slow, and with nothing of what it judges in it. */
export function judge(desc: DescMessage, bytes: Uint8Array): Judgement {
  const walk = new Walk(bytes);
  try {
    walk.message(desc, bytes.length, 0, 0);
    return { fault: undefined, oddities: walk.oddities };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message, oddities: walk.oddities };
    throw error;
  }
}

/** No `Error`: there are as many as there are cases, and each would note where it was made. */
class Fault {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Types that are no objects with room for more for us. */
const plainValues = /^google\.protobuf\.(?:Timestamp|Duration|Struct|Value|ListValue|\w+Value|Struct\.FieldsEntry)$/;

class Walk {
  readonly oddities = new Set<Oddity>();
  #pos = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** A message up to `end`, or, as the group `group`, up to the tag that ends it. */
  message(desc: DescMessage, end: number, group: number, depth: number): void {
    if (depth > 100) throw new Fault("too deep");
    let isKnown = false;
    while (this.#pos < end) {
      const tag = this.#short(end);
      const [number, wireType] = [Math.floor(tag / 8), tag % 8];
      if (number === 0) throw new Fault("field number 0");
      if (wireType === 4) {
        if (number !== group) throw new Fault("group ends");
        this.#finish(desc, isKnown);
        return;
      }
      const field = desc.fields.find((candidate) => candidate.number === number);
      if (field !== undefined && this.#field(field, wireType, end, depth)) isKnown = true;
      else {
        if (field !== undefined) this.oddities.add("wire type");
        if (plainValues.test(desc.typeName)) this.oddities.add("no room");
        this.#skip(number, wireType, end, depth);
      }
    }
    if (group !== 0) throw new Fault("group does not end");
    this.#finish(desc, isKnown);
  }

  #finish(desc: DescMessage, isKnown: boolean): void {
    if (desc.typeName === "google.protobuf.Value" && !isKnown) this.oddities.add("kindless");
  }

  /** Whether the field has this wire type; then it is read. */
  #field(field: DescField, wireType: number, end: number, depth: number): boolean {
    if (field.fieldKind === "map") return wireType === 2 && this.#entry(field, this.#within(end), depth + 1);
    const own = wireTypeOf(field);
    if (field.fieldKind === "list" && wireType === 2 && own !== 2 && own !== 3) {
      const packedEnd = this.#within(end);
      while (this.#pos < packedEnd) this.#value(field, packedEnd, depth);
      return true;
    }
    if (wireType !== own) return false;
    this.#value(field, end, depth);
    return true;
  }

  #entry(field: DescField & { readonly fieldKind: "map" }, end: number, depth: number): true {
    if (depth > 100) throw new Fault("too deep");
    let isValue = false;
    while (this.#pos < end) {
      const tag = this.#short(end);
      if (tag < 8) throw new Fault("field number 0");
      if (tag === 8 + wireTypeOfScalar(field.mapKey)) this.#scalar(field.mapKey, field, end);
      else if (tag === 16 + wireTypeOf(field)) {
        this.#value(field, end, depth);
        isValue = true;
      } else {
        if (tag >= 8 && tag < 24) this.oddities.add("wire type");
        this.#skip(Math.floor(tag / 8), tag % 8, end, depth);
      }
    }
    // a message that is not there is one of no bytes
    if (!isValue && field.message !== undefined) this.message(field.message, this.#pos, 0, 0);
    return true;
  }

  #value(field: DescField, end: number, depth: number): void {
    if (field.message !== undefined) {
      if (wireTypeOf(field) === 3) this.message(field.message, end, field.number, depth + 1);
      else this.message(field.message, this.#within(end), 0, depth + 1);
    } else if (field.enum !== undefined) {
      const number = Number(BigInt.asIntN(32, this.#varint(end)));
      const isDeclared = field.enum.values.some((value) => value.number === number);
      if (field.parent.typeName === "google.protobuf.Value" && number !== 0) this.oddities.add("null");
      if (!field.enum.open && !isDeclared && field.fieldKind !== "enum") this.oddities.add("closed");
    } else this.#scalar(field.scalar, field, end);
  }

  #scalar(type: ScalarType, field: DescField, end: number): void {
    switch (wireTypeOfScalar(type)) {
      case 0: {
        const value = this.#varint(end);
        if (field.proto.options?.jstype === 2) this.#checkSafe(type, value);
        return;
      }
      case 1:
        this.#step(8, end);
        return;
      case 5:
        this.#step(4, end);
        return;
      default: {
        const textEnd = this.#within(end);
        const bytes = this.#bytes.slice(this.#pos, textEnd);
        this.#pos = textEnd;
        if (type === ScalarType.STRING && field.utf8Validation && !Buffer.from(Buffer.from(bytes).toString("utf8")).equals(bytes))
          throw new Fault("no UTF-8");
      }
    }
  }

  #checkSafe(type: ScalarType, bits: bigint): void {
    const value = type === ScalarType.INT64 ? BigInt.asIntN(64, bits) : bits;
    if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER)) throw new Fault("no safe integer");
  }

  #skip(number: number, wireType: number, end: number, depth: number): void {
    switch (wireType) {
      case 0:
        this.#varint(end);
        return;
      case 1:
        this.#step(8, end);
        return;
      case 2:
        this.#pos = this.#within(end);
        return;
      case 3:
        if (depth + 1 > 100) throw new Fault("too deep");
        for (;;) {
          if (this.#pos >= end) throw new Fault("group does not end");
          const tag = this.#short(end);
          if (tag < 8) throw new Fault("field number 0");
          if (tag % 8 !== 4) this.#skip(Math.floor(tag / 8), tag % 8, end, depth + 1);
          else if (Math.floor(tag / 8) === number) return;
          else throw new Fault("group ends");
        }
      case 5:
        this.#step(4, end);
        return;
      default:
        throw new Fault("wire type");
    }
  }

  /** The end of what has its length here. */
  #within(end: number): number {
    const size = this.#short(end);
    if (this.#pos + size > end) throw new Fault("cut off");
    return this.#pos + size;
  }

  #step(size: number, end: number): void {
    if (this.#pos + size > end) throw new Fault("cut off");
    this.#pos += size;
  }

  /** A tag or length: 32 bits in five bytes at most. */
  #short(end: number): number {
    const start = this.#pos;
    const value = this.#varint(end, 5);
    if (this.#pos - start > 5 || value >= 2n ** 32n) throw new Fault("too long");
    return Number(value);
  }

  #varint(end: number, maxBytes = 10): bigint {
    let value = 0n;
    for (let count = 0; count < maxBytes; count++) {
      if (this.#pos >= end) throw new Fault("cut off");
      const byte = this.#bytes[this.#pos++] ?? 0;
      value |= BigInt(byte & 0x7f) << BigInt(7 * count);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new Fault("too long");
  }
}
