import { BusError } from "../errors.js";

/**
 * The record key of a value: strings as UTF-8, integers in decimal, bytes raw.
 *
 * @throws {BusError} `invalid_options` for a number that is no safe integer
 */
export function keyBytes(key: string | number | bigint | Uint8Array): Uint8Array {
  if (typeof key === "string") return Buffer.from(key);
  if (key instanceof Uint8Array) return key;
  if (typeof key === "bigint" || Number.isSafeInteger(key)) return Buffer.from(String(key), "latin1");
  throw new BusError("invalid_options", `key ${String(key)} must be a string, a safe integer, a bigint or a Uint8Array`);
}
