import { EvaluationError } from "./evaluation-error.js";

/** In code points. */
export function sizeOfString(text: string): number {
  let size = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // well-formed: a high surrogate is always followed by its low one
    if (unit >= 0xd800 && unit < 0xdc00) size--;
  }
  return size;
}

/** By code points, as all implementations that hold text as UTF-8: JavaScript's own order puts surrogates before U+E000 and above. */
export function compareStrings(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [left.charCodeAt(at), right.charCodeAt(at)];
    if (one === other) continue;
    const areSurrogates = [isSurrogate(one), isSurrogate(other)];
    if (areSurrogates[0] !== areSurrogates[1]) return areSurrogates[0] ? 1 : -1;
    return one - other;
  }
  return left.length - right.length;
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000;

export const containsText = (text: string, part: string): boolean => text.includes(part);
export const startsWithText = (text: string, part: string): boolean => text.startsWith(part);
export const endsWithText = (text: string, part: string): boolean => text.endsWith(part);
export const matches = (text: string, pattern: Pattern): boolean => pattern.test(text);

/** A RegExp, or a pattern of RE2 that JavaScript cannot express. */
export interface Pattern {
  test(text: string): boolean;
}

/** Letters of ASCII in lower case; others as they are. */
export const lowerAscii = (text: string): string => text.replace(/[A-Z]+/g, (found) => found.toLowerCase());
export const upperAscii = (text: string): string => text.replace(/[a-z]+/g, (found) => found.toUpperCase());

export const joinTexts = (texts: readonly string[], separator = ""): string => texts.join(separator);

/** An integer in decimal, a bool, a text, or a list of them. */
export const showPlain = (value: unknown): string => (Array.isArray(value) ? `[${value.map(showPlain).join(", ")}]` : String(value));
export const showInBase = (value: number | bigint, base: number): string => value.toString(base);

const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new EvaluationError("the bytes are no UTF-8");
  }
}

const encoder = new TextEncoder();

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text);
