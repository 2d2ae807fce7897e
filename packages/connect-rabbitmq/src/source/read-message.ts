import { type ConnectRecord, checkedBy, type UnreadableRecord } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import type { ConsumeMessage } from "amqplib";
import { contextOf, recordHeaders } from "../headers.js";
import type { RabbitmqMessage } from "./message.js";
import type { ResolvedRabbitmqSourceOptions } from "./options.js";

export type ReadOptions = Pick<ResolvedRabbitmqSourceOptions, "format" | "schema" | "key">;

export type ReadMessage<T> = { readonly record: ConnectRecord<T> } | { readonly unreadable: UnreadableRecord };

/** What a message of `queue` is, or why it is nothing. */
export function readMessage<T>(queue: string, message: ConsumeMessage, { format, schema, key }: ReadOptions): ReadMessage<T> {
  const { fields, properties, content } = message;
  const messageId = typeof properties.messageId === "string" && properties.messageId !== "" ? properties.messageId : undefined;
  // without a message id nothing tells a repeat from another message with the same content, so it counts as another
  const id = `${queue}/${messageId ?? `${fields.consumerTag}:${fields.deliveryTag}`}`;
  try {
    const about: RabbitmqMessage = {
      queue,
      exchange: fields.exchange,
      routingKey: fields.routingKey,
      headers: properties.headers ?? {},
      messageId,
      redelivered: fields.redelivered,
    };
    const record: ConnectRecord<T> = {
      // T is what the user's schema makes, or what the user says of a queue without one
      value: checkedBy(schema, parsed(content, format), "the content") as T,
      id,
      key: key?.(about) ?? null,
      timestamp: typeof properties.timestamp === "number" ? properties.timestamp * 1000 : undefined,
      headers: recordHeaders(properties, {
        exchange: fields.exchange,
        "routing-key": fields.routingKey,
        ...(fields.redelivered && { redelivered: "true" }),
      }),
      context: contextOf(properties.headers),
    };
    return { record };
  } catch (cause) {
    const options = cause instanceof BusError ? { violations: cause.violations, cause } : { cause };
    const error = new BusError("malformed_message", `${id} ${messageOf(cause)}`, options);
    return { unreadable: { id, error, original: Uint8Array.from(content) } };
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function parsed(content: Buffer, format: ReadOptions["format"]): unknown {
  // its own copy: what it was cut from is the chunk that was read
  if (format === "bytes") return Uint8Array.from(content);
  const text = decoded(content);
  if (format === "text") return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    // without the cause's message, which repeats the content
    throw new BusError("malformed_message", "is not JSON", { cause });
  }
}

function decoded(content: Buffer): string {
  try {
    return utf8.decode(content);
  } catch (cause) {
    throw new BusError("malformed_message", 'is not UTF-8, set format to "bytes" where it need not be', { cause });
  }
}
