import type { AnyContract, KeyKind } from "../contract/contract.js";
import { describeValue } from "../contract/rules/describe.js";
import { BusError } from "../errors.js";

type Key = string | number | bigint | Uint8Array;

/**
 * The record key of a value: strings as UTF-8, integers in decimal, bytes raw.
 *
 * @throws {BusError} `invalid_options` for a key that is empty, does not fit the key field, is no well-formed text or no safe integer
 */
export function keyBytes(key: Key, { typeName, keyKind }: Pick<AnyContract, "typeName"> & { readonly keyKind?: KeyKind }): Uint8Array {
  const bytes = encodeKey(key);
  if (keyKind !== undefined && !fits[keyKind](key)) {
    throw invalidKey(`key must be ${names[keyKind]}, is ${describeValue(key)}: the key field of ${typeName} is one`);
  }
  if (bytes.length === 0) throw invalidKey("key must not be empty: it would be none");
  return bytes;
}

function encodeKey(key: Key): Uint8Array {
  if (typeof key === "string") {
    // a lone surrogate has no UTF-8; what stands for it is the same for all of them
    if (!wellFormed.test(key)) throw invalidKey("key must be well-formed text: it has a lone surrogate");
    return Buffer.from(key);
  }
  if (key instanceof Uint8Array) return key;
  if (typeof key === "bigint" || Number.isSafeInteger(key)) return Buffer.from(String(key), "latin1");
  throw invalidKey(`key ${String(key)} must be a string, a safe integer, a bigint or a Uint8Array`);
}

const wellFormed = /^\P{Surrogate}*$/u;

const names: Readonly<Record<KeyKind, string>> = { text: "a string", integer: "an integer", bytes: "a Uint8Array" };

const fits: Readonly<Record<KeyKind, (key: Key) => boolean>> = {
  text: (key) => typeof key === "string",
  // a field of 64 bits may be a string of digits
  integer: (key) => typeof key === "number" || typeof key === "bigint" || (typeof key === "string" && /^(?:0|-?[1-9]\d*)$/.test(key)),
  bytes: (key) => key instanceof Uint8Array,
};

const invalidKey = (message: string): BusError => new BusError("invalid_options", message);
