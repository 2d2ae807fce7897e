/** Bytes made to cost a decoder more than they are worth; `size` is about how many bytes. */
export interface Hostile {
  readonly name: string;
  readonly typeName: string;
  readonly bytes: (size: number) => Uint8Array;
}

/** `piece`, over and over. */
const many =
  (...piece: readonly number[]) =>
  (size: number): Uint8Array => {
    const bytes = new Uint8Array(Math.floor(size / piece.length) * piece.length);
    for (let index = 0; index < bytes.length; index++) bytes[index] = piece[index % piece.length] ?? 0;
    return bytes;
  };

/** `content`, in as many length-delimited fields as asked for: their tags in turn, the first one outermost. */
export function nested(levels: number, tags: readonly (readonly number[])[], content: ArrayLike<number> = []): Uint8Array {
  const heads: number[][] = [];
  let length = content.length;
  for (let level = levels - 1; level >= 0; level--) {
    const head = [...(tags[level % tags.length] ?? []), ...lengthPrefix(length)];
    heads.push(head);
    length += head.length;
  }
  return Uint8Array.from([...heads.reverse().flat(), ...Array.from(content)]);
}

function lengthPrefix(length: number): number[] {
  const bytes: number[] = [];
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

/** A list or message with its length in front, as the only field. */
const packed =
  (tag: readonly number[], item: readonly number[]) =>
  (size: number): Uint8Array =>
    nested(1, [tag], many(...item)(size));

const [everything, legacy, modern] = ["everything.v1.Everything", "everything.v1.Legacy", "everything.v1.Modern"];

export const hostile: readonly Hostile[] = [
  { name: "empty messages in a list", typeName: everything, bytes: many(0x8a, 0x04, 0) },
  { name: "one message, written again and again", typeName: everything, bytes: many(0x82, 0x04, 0) },
  { name: "empty groups in a list", typeName: modern, bytes: many(0xb3, 0x01, 0xb4, 0x01) },
  { name: "messages without what they must have", typeName: legacy, bytes: many(0xc2, 0x04, 0) },
  { name: "empty entries of a map", typeName: everything, bytes: many(0xba, 0x04, 0) },
  { name: "a oneof that changes its mind", typeName: everything, bytes: many(0x8a, 0x05, 0, 0x90, 0x05, 1, 0x9a, 0x05, 0) },
  { name: "small fields that nobody knows", typeName: modern, bytes: many(0xf8, 0x7f, 0) },
  { name: "messages that hold a field that nobody knows", typeName: everything, bytes: many(0xf2, 0x03, 2, 0x78, 0) },
  { name: "groups that nobody knows", typeName: everything, bytes: many(0xfb, 0x7f, 0xfc, 0x7f) },
  { name: "values that an open enum does not declare", typeName: everything, bytes: packed([0xc2, 0x03], [0xff, 0xff, 0xff, 0x07]) },
  { name: "values that a closed enum does not declare", typeName: legacy, bytes: packed([0x8a, 0x02], [9]) },
  { name: "entries whose value a closed enum does not declare", typeName: legacy, bytes: many(0x9a, 0x03, 2, 0x10, 9) },
  { name: "small numbers, packed", typeName: everything, bytes: packed([0xda, 0x02], [0]) },
  {
    name: "small numbers that are written in ten bytes, unpacked",
    typeName: everything,
    bytes: many(0xd8, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1),
  },
  { name: "empty texts", typeName: everything, bytes: many(0xb2, 0x03, 0) },
  { name: "nulls in a list of JSON", typeName: everything, bytes: packed([0xd2, 0x09], [0x0a, 2, 8, 0]) },
  { name: "empty properties of JSON", typeName: everything, bytes: many(0xc2, 0x09, 6, 0x0a, 4, 0x12, 2, 8, 0) },
];
