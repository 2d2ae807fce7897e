import { createRequire } from "node:module";
import { BusError } from "@org/bus-core";
import { type BatchHeader, FetchReader } from "./fetch-reader.js";

// What kafkajs makes of the response to a fetch, of the version that it asks brokers of today for.
export interface FetchedRecord {
  readonly magicByte: number;
  readonly attributes: number;
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | null | readonly (Buffer | null)[]>>;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchHeader;
}

interface Response {
  decode(body: Buffer): Promise<unknown>;
  parse(decoded: unknown): Promise<unknown>;
}
type Protocol = (options: { readonly version: number }) => (args: unknown) => { readonly request: unknown; readonly response: Response };

const VERSION = 11;
const installed = new WeakSet<Protocol>();

/**
 * Lets kafkajs's fetches be decoded here. kafkajs makes two dozen objects of a record with four headers, which is a third of all that reading a record costs;
 * this makes those that it answers with. What is compressed, or of an older format, kafkajs decodes as ever.
 *
 * @throws {BusError} `unsupported` when kafkajs is not the version whose inside this knows
 */
export function installFetchDecoder(): void {
  const fetch = createRequire(import.meta.url)("kafkajs/src/protocol/requests/fetch/index.js") as { protocol: Protocol };
  if (typeof fetch.protocol !== "function") {
    throw new BusError("unsupported", "@org/bus-kafka needs kafkajs 2.2.4, and found one with another inside: install that version");
  }
  const original = fetch.protocol;
  if (installed.has(original)) return;
  const protocol: Protocol = (options) => {
    const create = original(options);
    if (options.version !== VERSION) return create;
    return (args) => {
      const created = create(args);
      const { response } = created;
      const decode = async (body: Buffer) => decodeFetchResponse(body) ?? response.decode(body);
      return { ...created, response: { ...response, decode } };
    };
  };
  installed.add(protocol);
  fetch.protocol = protocol;
}

/** The same as `decode` of kafkajs answers; undefined for what is left to it. */
export function decodeFetchResponse(body: Buffer): unknown {
  const reader = new FetchReader(body);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses: unknown[] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.string();
    const partitions: unknown[] = [];
    for (let count = reader.int32(); count > 0; count--) {
      const partition = readPartition(reader);
      if (partition === undefined) return undefined;
      partitions.push(partition);
    }
    responses.push({ topicName, partitions });
  }
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

function readPartition(reader: FetchReader): unknown {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const lastStartOffset = reader.int64();
  const abortedTransactions: unknown[] = [];
  for (let count = reader.int32(); count > 0; count--) abortedTransactions.push({ producerId: reader.int64(), firstOffset: reader.int64() });
  const preferredReadReplica = reader.int32();
  const messages = reader.records();
  if (messages === undefined) return undefined;
  return { partition, errorCode, highWatermark, lastStableOffset, lastStartOffset, abortedTransactions, preferredReadReplica, messages };
}
