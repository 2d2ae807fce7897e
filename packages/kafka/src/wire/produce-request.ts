import { createRequire } from "node:module";
import { BusError, type OutgoingRecord } from "@org/bus-core";
import { ByteWriter } from "./byte-writer.js";
import { type Compress, encodeRecordSet } from "./record-set.js";

// What kafkajs passes to and expects of a produce request, as far as it matters here.
export interface ProduceArguments {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  readonly producerId?: unknown;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly firstSequence: number; readonly messages: readonly unknown[] }[];
  }[];
}
export interface Encoded {
  buf: Buffer;
  offset: number;
}
type Protocol = (options: { readonly version: number }) => (args: ProduceArguments) => {
  readonly request: { readonly encode: () => Promise<Encoded> };
  readonly response: unknown;
};
interface Modules {
  readonly produce: { protocol: Protocol };
  readonly Encoder: new () => Encoded;
  readonly compression: { lookupCodec(code: number): { compress(encoder: { readonly buffer: Buffer }): Promise<Buffer> } };
}

/** The version from which produce requests carry record batches of today's format. */
const FIRST_VERSION = 3;
const CODEC_BITS = 7;
const NO_PRODUCER = -1n;

/** A record that is written as it is, as a message of kafkajs. */
export class RecordMessage {
  readonly partition: number;
  /** kafkajs looks whether it is undefined, and no further. */
  readonly value = null;

  constructor(readonly record: OutgoingRecord) {
    this.partition = record.partition;
  }
}

function isRecordMessage(message: unknown): message is RecordMessage {
  return message instanceof RecordMessage;
}

/**
 * Lets kafkajs's produce requests carry `RecordMessage`s, which are encoded here. kafkajs's own encoding takes 512 zeroed bytes for every header and
 * every record and several small buffers for the numbers in them: with four headers that is most of what a producer does. Requests with messages of
 * any other kind go the way they went, so that other users of kafkajs in the process see no difference.
 *
 * @throws {BusError} `unsupported` when kafkajs is not the version whose inside this knows
 */
export function installRecordMessages(): void {
  const require = createRequire(import.meta.url);
  const produce = require("kafkajs/src/protocol/requests/produce/index.js") as Modules["produce"];
  const Encoder = require("kafkajs/src/protocol/encoder.js") as Modules["Encoder"];
  const { lookupCodec } = require("kafkajs/src/protocol/message/compression/index.js") as Modules["compression"];
  if (typeof produce.protocol !== "function" || typeof Encoder !== "function" || typeof lookupCodec !== "function") {
    throw new BusError("unsupported", "@org/bus-kafka needs kafkajs 2.2.4, and found one with another inside: install that version");
  }
  const original = produce.protocol;
  if (installed.has(original)) return;
  const protocol: Protocol = (options) => {
    const create = original(options);
    return (args) => {
      const created = create(args);
      if (options.version < FIRST_VERSION || !carriesRecords(args)) return created;
      const encode = async () => {
        const encoded = new Encoder();
        encoded.buf = await encodeProduceRequest(args, (code) => (records) => lookupCodec(code).compress({ buffer: records }));
        encoded.offset = encoded.buf.length;
        return encoded;
      };
      return { ...created, request: { ...created.request, encode } };
    };
  };
  installed.add(protocol);
  produce.protocol = protocol;
}

const installed = new WeakSet<Protocol>();

function carriesRecords({ topicData }: ProduceArguments): boolean {
  return isRecordMessage(topicData[0]?.partitions[0]?.messages[0]);
}

function recordOf(message: unknown): OutgoingRecord {
  if (!isRecordMessage(message)) throw new BusError("unsupported", "a produce request carries either records or messages of kafkajs, not both");
  return message.record;
}

/** The body of a produce request, versions 3 to 8. */
export async function encodeProduceRequest(args: ProduceArguments, codec: (code: number) => Compress): Promise<Buffer> {
  const { acks, timeout, transactionalId, topicData } = args;
  const code = (args.compression ?? 0) & CODEC_BITS;
  const compression = { code, compress: code === 0 ? undefined : codec(code) };
  const producerId = args.producerId == null ? NO_PRODUCER : BigInt(String(args.producerId));
  const common = { transactional: Boolean(transactionalId), producerId, producerEpoch: args.producerEpoch ?? 0 };
  const transaction = transactionalId == null ? undefined : Buffer.from(transactionalId);

  let size = 2 + (transaction?.length ?? 0) + 2 + 4 + 4;
  const topics = [];
  for (const { topic, partitions } of topicData) {
    const name = Buffer.from(topic);
    const sets = [];
    size += 2 + name.length + 4;
    for (const { partition, firstSequence, messages } of partitions) {
      const records = messages.map(recordOf);
      const set = await encodeRecordSet(records, { ...common, firstSequence }, compression);
      size += 4 + 4 + set.length;
      sets.push({ partition, set });
    }
    topics.push({ name, sets });
  }

  const writer = new ByteWriter(size);
  writer.int16(transaction?.length ?? -1);
  if (transaction !== undefined) writer.bytes(transaction);
  writer.int16(acks);
  writer.int32(timeout);
  writer.int32(topics.length);
  for (const { name, sets } of topics) {
    writer.int16(name.length);
    writer.bytes(name);
    writer.int32(sets.length);
    for (const { partition, set } of sets) {
      writer.int32(partition);
      writer.int32(set.length);
      writer.bytes(set);
    }
  }
  return writer.buffer;
}
