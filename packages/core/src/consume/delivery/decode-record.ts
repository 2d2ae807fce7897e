import type { AnyContract } from "../../contract/contract.js";
import type { DecodeLimits } from "../../contract/wire/limits.js";
import { BusError } from "../../errors.js";
import { MESSAGE_TYPE_HEADER } from "../../publish/record-headers.js";
import { type HeaderValue, headerText, type IncomingRecord } from "../../transport/record.js";

/**
 * The message of a record; undefined for a tombstone where the topic is compacted. A record that names another type is refused: a topic carries
 * one, and bytes of another may decode all the same. One that names none (of a producer that is not ours) is taken for what its bytes say.
 *
 * @throws {BusError} `malformed_message`
 */
export function decodeRecord(record: IncomingRecord, contract: AnyContract, limits?: DecodeLimits): unknown {
  const type = isOfType(record.headers[MESSAGE_TYPE_HEADER], contract.typeName) ? undefined : headerText(record.headers, MESSAGE_TYPE_HEADER);
  if (type !== undefined && type !== contract.typeName) {
    throw new BusError("malformed_message", `the record is a ${cut(type)}, and topic ${record.topic} carries ${contract.typeName} only`);
  }
  if (record.value !== null) return contract.decode(record.value, limits);
  if (contract.topic?.cleanup !== "delete") return undefined;
  throw new BusError(
    "malformed_message",
    `a null value is a tombstone, and ${contract.typeName} has none: the cleanup of topic ${record.topic} is declared as delete, not compact`,
  );
}

/** Whether a header says exactly this: byte by byte, for to decode text that is always the same costs as much as to decode a field. */
function isOfType(header: HeaderValue | undefined, typeName: string): boolean {
  if (!(header instanceof Uint8Array) || header.byteLength !== typeName.length) return false;
  for (let index = 0; index < header.byteLength; index++) if (header[index] !== typeName.charCodeAt(index)) return false;
  return true;
}

/** The header is somebody else's, and may be long. */
const cut = (type: string): string => (type.length <= 100 ? type : `${type.slice(0, 99)}…`);
