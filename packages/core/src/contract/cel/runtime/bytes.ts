const buffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export const joinBytes = (left: Uint8Array, right: Uint8Array): Uint8Array => new Uint8Array(Buffer.concat([left, right]));
export const compareBytes = (left: Uint8Array, right: Uint8Array): number => Buffer.compare(left, right);
export const sameBytes = (left: Uint8Array, right: Uint8Array): boolean => buffer(left).equals(right);
export const containsBytes = (bytes: Uint8Array, part: Uint8Array): boolean => buffer(bytes).includes(buffer(part));
export const startsWithBytes = (bytes: Uint8Array, part: Uint8Array): boolean => sameBytes(bytes.subarray(0, part.length), part);
export const endsWithBytes = (bytes: Uint8Array, part: Uint8Array): boolean =>
  part.length <= bytes.length && sameBytes(bytes.subarray(bytes.length - part.length), part);
