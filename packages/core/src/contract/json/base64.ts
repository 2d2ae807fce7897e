const alphabets = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Base64 of either alphabet, padded or not; undefined where the text is none. */
export function fromBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/=+$/, "");
  const isPadded = digits.length < text.length;
  if (!alphabets.test(text) || digits.length % 4 === 1 || (isPadded && text.length % 4 !== 0)) return undefined;
  return new Uint8Array(Buffer.from(digits, "base64"));
}

export const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
