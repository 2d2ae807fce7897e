import { type AnyContract, BusError, type CompactedContract, type PublishOptions, type RecordHeaders } from "@org/bus-core";
import type { ConnectRecord } from "../record.js";
import type { TopicSink } from "./to-topic.js";

/** What is published for a record: a message, or the tombstone of a key. */
export type Outgoing = { readonly contract: AnyContract; readonly message: object } | Tombstone;

export interface Tombstone {
  readonly contract: CompactedContract<object>;
  readonly key: string | bigint | Uint8Array;
}

/**
 * What `toTopic` publishes for a record.
 *
 * @throws {BusError} `invalid_options` for a record that names another contract than the sink has, or none where there are several;
 * `contract_violation` for one that is neither message nor tombstone
 */
export function outgoing(sink: TopicSink<unknown>, record: ConnectRecord<unknown>): Outgoing {
  const contract = contractOf(sink, record);
  if (record.value === undefined && isCompacted(contract)) return { contract, key: tombstoneKey(record, contract) };
  // whatever it is, its contract says what is wrong with it
  return { contract, message: record.value as object };
}

/** What travels beside the message. */
export function outgoingOptions(
  { headers, timestamp }: ConnectRecord<unknown>,
  options: TopicSink<unknown>["options"],
): Pick<PublishOptions, "headers" | "timestamp"> {
  const own = options.headers ? ownHeaders(headers) : undefined;
  const at = options.timestamps === "publish" ? undefined : timestamp;
  if (at === undefined) return own === undefined ? {} : { headers: own };
  return own === undefined ? { timestamp: at } : { headers: own, timestamp: at };
}

/** The key that its contract gives to the message; null for a value that breaks it, too: publishing that says what is wrong. */
export function publishedKey(sink: TopicSink<unknown>, record: ConnectRecord<unknown>): Uint8Array | null {
  try {
    return contractOf(sink, record).key(record.value as object);
  } catch {
    return null;
  }
}

function contractOf({ contracts }: TopicSink<unknown>, record: ConnectRecord<unknown>): AnyContract {
  const [only] = contracts;
  if (record.contract !== undefined && contracts.includes(record.contract)) return record.contract;
  if (only !== undefined && contracts.length === 1) return only;
  const named = record.contract === undefined ? "no contract" : record.contract.typeName;
  throw new BusError(
    "invalid_options",
    `${record.id} names ${named}; toTopic has ${contracts.map(({ typeName }) => typeName).join(", ")}: choose one with route`,
  );
}

const isCompacted = (contract: AnyContract): contract is CompactedContract<object> => contract.topic?.cleanup.includes("compact") === true;

function tombstoneKey({ id, key }: ConnectRecord<unknown>, contract: CompactedContract<object>): Tombstone["key"] {
  if (key === null)
    throw new BusError("contract_violation", `${id} has neither value nor key: a tombstone of ${contract.typeName} says which key is gone`);
  const text = typeof key === "string" ? key : Buffer.from(key).toString("utf8");
  if (contract.keyKind === "bytes") return typeof key === "string" ? Buffer.from(key) : key;
  return contract.keyKind === "integer" && /^-?\d+$/.test(text) ? BigInt(text) : text;
}

/** The last value of those that have several; undefined where there are none. */
function ownHeaders(headers: RecordHeaders): Readonly<Record<string, Uint8Array>> | undefined {
  let isEmpty = true;
  for (const name in headers) {
    if (!(headers[name] instanceof Uint8Array)) return lastValues(headers);
    isEmpty = false;
  }
  // each of them has one
  return isEmpty ? undefined : (headers as Readonly<Record<string, Uint8Array>>);
}

function lastValues(headers: RecordHeaders): Record<string, Uint8Array> | undefined {
  let own: Record<string, Uint8Array> | undefined;
  for (const name in headers) {
    const value = headers[name];
    const last = value instanceof Uint8Array ? value : value?.at(-1);
    if (last === undefined) continue;
    own ??= {};
    own[name] = last;
  }
  return own;
}
