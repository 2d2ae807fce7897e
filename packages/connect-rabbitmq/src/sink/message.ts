import { type ConnectRecord, jsonText } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { atOnce } from "@org/bus-core/internal";
import type { Options } from "amqplib";
import { messageHeaders } from "../headers.js";
import type { ResolvedRabbitmqSinkOptions } from "./options.js";

/** A record as it is published. */
export interface OutgoingMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: Options.Publish;
}

/** @throws what the caller's functions throw, or that there is no content for the value */
export function toMessage(record: ConnectRecord<unknown>, options: ResolvedRabbitmqSinkOptions): OutgoingMessage {
  // the caller's functions take the records that this sink gets
  const given = record as ConnectRecord<never>;
  const { exchange, routingKey, mandatory, persistent, expirationMs } = options;
  const { content, contentType } =
    options.content === undefined ? contentOf(record) : { content: asBuffer(ofSink("content", options.content(given))), contentType: undefined };
  return {
    exchange: typeof exchange === "string" ? exchange : ofSink("exchange", exchange(given)),
    routingKey: typeof routingKey === "string" ? routingKey : ofSink("routingKey", routingKey(given)),
    content,
    properties: {
      ...messageHeaders(record.headers, record.context),
      ...(contentType !== undefined && { contentType }),
      messageId: record.id,
      mandatory,
      persistent,
      ...(record.timestamp !== undefined && { timestamp: Math.floor(record.timestamp / 1000) }),
      ...(expirationMs !== undefined && { expiration: expirationMs }),
    },
  };
}

const ofSink = <T>(option: string, answer: T): T => atOnce(`${option} of rabbitmqSink`, answer);

interface Content {
  readonly content: Buffer;
  /** Undefined: what the record's headers say of it holds. */
  readonly contentType: string | undefined;
}

function contentOf({ value, id, contract }: ConnectRecord<unknown>): Content {
  if (value instanceof Uint8Array) return { content: asBuffer(value), contentType: undefined };
  if (typeof value === "string") return { content: Buffer.from(value), contentType: "text/plain" };
  const text = jsonText(value, contract);
  if (text === undefined) throw new BusError("malformed_message", `${id} has no JSON, give the content as a function of the record`);
  return { content: Buffer.from(text), contentType: "application/json" };
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
