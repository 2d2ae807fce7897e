import type { AnyContract } from "@org/bus-core";
import { messageJson } from "./message-json.js";

/**
 * A message as text of JSON, with what JSON has no word for as Protobuf writes it: 64-bit integers as text, bytes in base64. Undefined where JSON has none
 * at all, as `JSON.stringify`.
 *
 * @param contract the message's own, where there is one: then times and oneofs are as Protobuf writes them, too
 */
export function jsonText(value: unknown, contract?: AnyContract): string | undefined {
  if (contract !== undefined && typeof value === "object" && value !== null && !(value instanceof Uint8Array)) {
    const message = messageJson(contract, value);
    if (message !== undefined) return JSON.stringify(message);
  }
  return JSON.stringify(value, function (this: Record<string, unknown>, key: string, plain: unknown) {
    const raw = this[key];
    if (typeof raw === "bigint") return String(raw);
    // a Buffer has made itself an object by now
    return raw instanceof Uint8Array ? Buffer.from(raw).toString("base64") : plain;
  });
}
