import { inspect, isDeepStrictEqual } from "node:util";
import { type DescMessage, fromBinary, isFieldSet, type Message } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { BusError, type Contract, type DecodeLimits } from "@org/bus-core";
import { judge } from "./judge.js";

/** A contract of both back ends, and what another implementation calls its type. */
export interface Subject {
  readonly desc: DescMessage;
  readonly printed: Contract;
  readonly closures: Contract;
}

/** What became of bytes: the message that they are, or why they are none. */
export type Outcome = { readonly message: object } | { readonly reason: string };

/** Every reason that a decoder may have. */
const reasons: readonly RegExp[] = [
  /^the bytes end within a field$/,
  /^\d+ bytes are announced, but \d+ are left$/,
  /^a (?:tag|length) is longer than 32 bits$/,
  /^a varint is longer than 10 bytes$/,
  /^a tag has the field number 0$/,
  /^group \d+ does not end$/,
  /^group \d+ ends where it has not begun$/,
  /^field \d+ has the wire type [67], which does not exist$/,
  /^messages are nested deeper than 100$/,
  /^a text is no UTF-8$/,
  /^a google\.protobuf\.Value has no kind$/,
  /^-?\d+ is no safe integer, as jstype = JS_NUMBER needs; leave jstype away$/,
  /^\S.*? must be there$/s,
  /^\d+ bytes are more than maxBytes, which is \d+$/,
];
const [, , , , , , , , , , kindless, , missing] = reasons;

/** What `contract` makes of `bytes`. Whatever it throws has to be an error that says why, and where. */
export function decode(contract: Contract, bytes: Uint8Array, limits?: DecodeLimits): Outcome {
  try {
    return { message: contract.decode(bytes, limits) };
  } catch (error) {
    if (!(error instanceof BusError) || error.code !== "malformed_message") throw error;
    const [, reason = ""] = /^bytes are no \S+: (.*), at byte \d+$/s.exec(error.message) ?? [];
    if (!reasons.some((known) => known.test(reason))) throw error;
    return { reason };
  }
}

/**
 * Decodes `bytes` with both back ends, and throws where they differ from each other, from the standard, or from what @bufbuild/protobuf makes of
 * bytes on which implementations agree. Returns what became of them, and what was odd in them.
 */
export function examine(
  { desc, printed, closures }: Subject,
  bytes: Uint8Array,
): { readonly outcome: Outcome; readonly oddities: readonly string[] } {
  const outcome = decode(printed, bytes);
  const encoded = "message" in outcome ? new Uint8Array(printed.encode(outcome.message)) : undefined;
  compareBackEnds(outcome, encoded, closures, bytes);
  const { fault, oddities } = judge(desc, bytes);
  const found = { outcome, oddities: [...oddities] };
  if (fault !== undefined) {
    if ("message" in outcome) throw new Error(`accepted although: ${fault}`);
    return found;
  }
  const isKindless = "reason" in outcome && kindless?.test(outcome.reason);
  if (isKindless ? oddities.has("kindless") : oddities.has("kindless") || oddities.has("wire type")) return found;
  const theirs = fromBinary(desc, bytes, { recursionLimit: 1000 });
  const isIncomplete = lacksRequired(desc, theirs);
  if ("reason" in outcome) {
    if (!isIncomplete || !missing?.test(outcome.reason)) throw new Error(`refused although nothing is wrong: ${outcome.reason}`);
    return found;
  }
  if (isIncomplete) throw new Error("accepted although a required field is not there");
  if (encoded !== undefined && oddities.size === 0 && !isDeepStrictEqual(fromBinary(desc, encoded, { recursionLimit: 1000 }), theirs))
    throw new Error(
      `read as something else: ${inspect(fromBinary(desc, encoded, { recursionLimit: 1000 }), { depth: 9 })}, ${inspect(theirs, { depth: 9 })}`,
    );
  return found;
}

function compareBackEnds(outcome: Outcome, encoded: Uint8Array | undefined, closures: Contract, bytes: Uint8Array): void {
  const other = decode(closures, bytes);
  if ("message" in other && encoded !== undefined && Buffer.compare(encoded, closures.encode(other.message)) === 0) return;
  // JavaScript may or may not keep the bits of a NaN
  if (!isDeepStrictEqual(outcome, other)) throw new Error(`back ends differ: ${inspect(outcome, { depth: 9 })}, ${inspect(other, { depth: 9 })}`);
}

function lacksRequired(desc: DescMessage, message: Message): boolean {
  return desc.fields.some((field) => {
    const isSet = isFieldSet(message, field);
    if (!isSet) return field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED;
    const { message: type } = field;
    if (type === undefined || type.typeName.startsWith("google.protobuf.")) return false;
    const holder = message as unknown as Readonly<Record<string, unknown>>;
    const value = field.oneof === undefined ? holder[field.localName] : (holder[field.oneof.localName] as { readonly value: unknown }).value;
    return Object.values(field.fieldKind === "message" ? [value] : (value as object)).some((nested) => lacksRequired(type, nested as Message));
  });
}
