import { deflateRawSync, inflateRawSync } from "node:zlib";
import { readVarint, writeVarint } from "./varint.js";

/*
 * The completed map: what is settled beyond the committed offset, in the metadata of the commit, so that a restart does not repeat it.
 *
 *     metadata  = "bus1" form base64(body)
 *     form      = "r" runs | "b" bits; in upper case when what follows the offset is compressed (raw deflate)
 *     body      = varint(committed offset) content
 *     runs      = varint* : offsets that are open, settled, open, settled …, from the committed offset on; ends with a settled run
 *     bits      = one for each offset from the committed one on, the lowest bit of a byte first; 1 is settled
 *
 * The committed offset is repeated in it so that a map that a tool has copied beside another offset is not believed.
 */

const magic = "bus1";
/** Uncompressed content. Bounds what a map that somebody else made up can cost. */
const maxContentBytes = 65_536;
/** Below this a compressed form is hardly ever smaller. */
const compressFromBytes = 100;

const encoder = { r: encodeRuns, b: encodeBits } as const;
const decoder = { r: decodeRuns, b: decodeBits } as const;

/**
 * The metadata for a commit of `base`; undefined when the map would be unreasonably long.
 *
 * @param bounds what is settled from `base` on: first offset of a run, the offset after its last, first of the next …; ascending, not empty
 */
export function encodeCompletedMap(base: number, bounds: readonly number[]): string | undefined {
  let smallest: { readonly form: string; readonly content: Uint8Array } | undefined;
  const offer = (form: string, content: Uint8Array) => {
    if (smallest === undefined || content.length < smallest.content.length) smallest = { form, content };
  };
  for (const form of ["r", "b"] as const) {
    const content = encoder[form](base, bounds);
    if (content === undefined) continue;
    offer(form, content);
    if (content.length >= compressFromBytes) offer(form.toUpperCase(), deflateRawSync(content));
  }
  if (smallest === undefined) return undefined;
  const offset: number[] = [];
  writeVarint(offset, base);
  return `${magic}${smallest.form}${Buffer.concat([Buffer.from(offset), smallest.content]).toString("base64")}`;
}

/**
 * What `metadata` says is settled from the committed offset `base` on, in the form that `encodeCompletedMap` takes; undefined when it is no map of
 * that offset. Never throws, whatever it is given.
 */
export function decodeCompletedMap(metadata: string, base: number): readonly number[] | undefined {
  const form = metadata[magic.length];
  const plain = form?.toLowerCase();
  if (!metadata.startsWith(magic) || (plain !== "r" && plain !== "b")) return undefined;
  const body = Buffer.from(metadata.slice(magic.length + 1), "base64");
  const offset = readVarint(body, 0);
  if (offset?.value !== base) return undefined;
  const rest = body.subarray(offset.next);
  const content = form === plain ? rest : inflate(rest);
  return content === undefined || content.length === 0 || content.length > maxContentBytes ? undefined : decoder[plain](base, content);
}

function inflate(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return inflateRawSync(bytes, { maxOutputLength: maxContentBytes });
  } catch {
    return undefined;
  }
}

function encodeRuns(base: number, bounds: readonly number[]): Uint8Array | undefined {
  if (bounds.length > maxContentBytes) return undefined;
  const bytes: number[] = [];
  let last = base;
  for (const bound of bounds) {
    writeVarint(bytes, bound - last);
    last = bound;
  }
  return bytes.length > maxContentBytes ? undefined : Uint8Array.from(bytes);
}

function decodeRuns(base: number, content: Uint8Array): readonly number[] | undefined {
  const bounds: number[] = [];
  let last = base;
  for (let at = 0; at < content.length; ) {
    const run = readVarint(content, at);
    // only the first may be empty: the committed offset itself may be settled
    if (run === undefined || (run.value === 0 && bounds.length > 0)) return undefined;
    last += run.value;
    if (!Number.isSafeInteger(last)) return undefined;
    bounds.push(last);
    at = run.next;
  }
  return bounds.length % 2 === 0 ? bounds : undefined;
}

function encodeBits(base: number, bounds: readonly number[]): Uint8Array | undefined {
  const end = bounds.at(-1) ?? base;
  if (end - base > maxContentBytes * 8) return undefined;
  const bits = new Uint8Array(Math.ceil((end - base) / 8));
  for (let run = 0; run < bounds.length; run += 2) {
    for (let bit = (bounds[run] as number) - base; bit < (bounds[run + 1] as number) - base; bit++) {
      bits[bit >> 3] = (bits[bit >> 3] as number) | (1 << (bit & 7));
    }
  }
  return bits;
}

function decodeBits(base: number, content: Uint8Array): readonly number[] | undefined {
  if (content.at(-1) === 0) return undefined;
  const bounds: number[] = [];
  let before = 0;
  for (let bit = 0; bit <= content.length * 8; bit++) {
    const now = ((content[bit >> 3] ?? 0) >> (bit & 7)) & 1;
    if (now !== before) bounds.push(base + bit);
    before = now;
  }
  return bounds;
}
