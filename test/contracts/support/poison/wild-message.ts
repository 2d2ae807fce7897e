import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Random } from "./random.js";
import { wireTypeOf, wireTypeOfScalar } from "./wire-types.js";

/** Bytes that nearly are a message of type `desc`: its fields and others, in any order, with some of all that may be wrong. */
export const wildMessage = (random: Random, desc: DescMessage): Uint8Array => Uint8Array.from(fields(random, desc, 0));

const maxLevels = 5;

function fields(random: Random, desc: DescMessage, level: number): number[] {
  const bytes: number[] = [];
  for (let count = random.below(level === 0 ? 7 : 4); count > 0; count--) {
    // an entry of a map, or a message without fields
    if (desc.fields.length === 0 || random.once(12)) bytes.push(...stranger(random, level));
    else bytes.push(...fieldOf(random, random.pick(desc.fields), level));
  }
  return bytes;
}

/** A field that nobody knows. */
function stranger(random: Random, level: number): number[] {
  const number = random.once(4) ? 1 + random.below(2 ** 29 - 1) : 1 + random.below(3000);
  const wireType = random.once(30) ? random.below(8) : random.pick([0, 1, 2, 3, 5]);
  return [...tag(random, number, wireType), ...junk(random, number, wireType, level)];
}

function fieldOf(random: Random, field: DescField, level: number): number[] {
  const { number } = field;
  if (random.once(25)) return stranger(random, level);
  if (random.once(25)) {
    const wireType = random.below(8);
    return [...tag(random, number, wireType), ...junk(random, number, wireType, level)];
  }
  if (field.fieldKind === "map") return [...tag(random, number, 2), ...prefixed(random, entry(random, field, level))];
  const wireType = wireTypeOf(field);
  if (field.fieldKind === "list" && wireType !== 2 && wireType !== 3 && random.once(2)) {
    const items = Array.from({ length: random.below(4) }, () => scalar(random, field)).flat();
    return [...tag(random, number, 2), ...prefixed(random, items)];
  }
  return [...tag(random, number, wireType), ...value(random, field, level)];
}

function value(random: Random, field: DescField, level: number): number[] {
  if (field.message === undefined) return scalar(random, field);
  const body = level < maxLevels ? fields(random, field.message, level + 1) : [];
  if (wireTypeOf(field) !== 3) return prefixed(random, body);
  const end = random.once(40) ? field.number + 1 : field.number;
  return random.once(40) ? body : [...body, ...tag(random, end, 4)];
}

function entry(random: Random, field: DescField & { readonly fieldKind: "map" }, level: number): number[] {
  const parts = [
    () => [...tag(random, 1, wireTypeOfScalar(field.mapKey)), ...scalarOf(random, field.mapKey)],
    () => [...tag(random, 2, wireTypeOf(field)), ...value(random, field, level + 1)],
    () => stranger(random, level),
  ];
  const [key, of, other] = parts;
  const chosen = random.once(5) ? Array.from({ length: random.below(4) }, () => random.pick(parts)) : [key, of];
  return [...chosen, ...(random.once(20) ? [other] : [])].flatMap((make) => make?.() ?? []);
}

function scalar(random: Random, field: DescField): number[] {
  if (field.enum !== undefined) return random.once(4) ? varint(random) : leastVarint(random.pick(field.enum.values).number);
  return scalarOf(random, field.scalar ?? ScalarType.BYTES);
}

function scalarOf(random: Random, type: ScalarType): number[] {
  if (type === ScalarType.STRING) return prefixed(random, random.once(12) ? random.bytes(6) : text(random));
  if (type === ScalarType.BYTES) return prefixed(random, random.bytes(6));
  const size = [0, 8, 0, 0, 0, 4][wireTypeOfScalar(type)] ?? 0;
  return size === 0 ? varint(random) : Array.from({ length: size }, () => random.below(256));
}

const texts = ["", "a", "Ada Lovelace", "é", "😀😀😀😀", "__proto__", "\ufffd", "type.googleapis.com/a.v1.B", "a long text of plain letters"];
const text = (random: Random): number[] => [...new TextEncoder().encode(random.pick(texts))];

function junk(random: Random, number: number, wireType: number, level: number): number[] {
  switch (wireType) {
    case 0:
      return varint(random);
    case 1:
      return Array.from({ length: 8 }, () => random.below(256));
    case 2:
      return prefixed(random, random.bytes(8));
    case 3: {
      const body = level < maxLevels ? Array.from({ length: random.below(3) }, () => stranger(random, level + 1)).flat() : [];
      return random.once(20) ? body : [...body, ...tag(random, number, 4)];
    }
    case 5:
      return Array.from({ length: 4 }, () => random.below(256));
    default:
      return [];
  }
}

/** With its length in front, which is wrong now and then. */
function prefixed(random: Random, bytes: readonly number[]): number[] {
  const length = random.once(60) ? Math.max(0, bytes.length + random.below(5) - 2) : bytes.length;
  return [...padded(random, leastVarint(length)), ...bytes];
}

const tag = (random: Random, number: number, wireType: number): number[] => padded(random, leastVarint(number * 8 + wireType));

/** Numbers may have more bytes than they need. */
function padded(random: Random, bytes: number[]): number[] {
  if (!random.once(60)) return bytes;
  const last = bytes.pop() ?? 0;
  return [...bytes, last | 0x80, ...Array<number>(random.below(8)).fill(0x80), 0];
}

function varint(random: Random): number[] {
  const bits = random.pick([3, 7, 14, 31, 32, 33, 53, 63, 64]);
  let value = 0n;
  for (let count = 0; count < bits; count += 16) value = (value << 16n) | BigInt(random.below(65_536));
  const kept = BigInt.asUintN(bits, value);
  return padded(random, bytesOf(random.once(4) ? BigInt.asUintN(64, -kept) : kept));
}

const leastVarint = (value: number): number[] => bytesOf(BigInt.asUintN(64, BigInt(value)));

function bytesOf(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}
