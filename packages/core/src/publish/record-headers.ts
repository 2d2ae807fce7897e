import { BusError } from "../errors.js";
import type { HeaderValue } from "../transport/record.js";
import type { PublishOptions } from "./publish.js";

export const CONTENT_TYPE_HEADER = "content-type";
export const MESSAGE_TYPE_HEADER = "bus-message-type";
export const MESSAGE_ID_HEADER = "bus-message-id";
export const SERVICE_HEADER = "bus-service";

const PROTOBUF = Buffer.from("application/protobuf");

/** What the headers of all messages of one contract have in common, encoded once. */
export interface ConstantHeaders {
  readonly messageType: Uint8Array;
  readonly service: Uint8Array;
}

export function constantHeaders(typeName: string, service: string): ConstantHeaders {
  return { messageType: Buffer.from(typeName), service: Buffer.from(service) };
}

/**
 * The headers of a message but for its trace context, which is written into them later. Those of the library win over the caller's.
 *
 * @throws {BusError} `invalid_options` for a header of the caller that is neither text nor bytes
 */
export function recordHeaders(constant: ConstantHeaders, messageId: string, own: PublishOptions["headers"]): Record<string, HeaderValue> {
  const headers: Record<string, HeaderValue> = {};
  for (const name in own) if (Object.hasOwn(own, name)) addHeader(headers, name, encodeHeader(name, own[name]));
  headers[CONTENT_TYPE_HEADER] = PROTOBUF;
  headers[MESSAGE_TYPE_HEADER] = constant.messageType;
  headers[MESSAGE_ID_HEADER] = Buffer.from(messageId, "latin1");
  headers[SERVICE_HEADER] = constant.service;
  return headers;
}

function addHeader(headers: Record<string, HeaderValue>, name: string, value: Uint8Array): void {
  // assigning would make it the prototype
  if (name === "__proto__") Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
  else headers[name] = value;
}

function encodeHeader(name: string, value: unknown): Uint8Array {
  if (typeof value === "string") return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  throw new BusError("invalid_options", `header ${name} must be a string or a Uint8Array, is ${value === null ? "null" : typeof value}`);
}

/** What headers weigh in a record: names (which are ASCII as a rule), values and the lengths of both. */
export function headerBytes(headers: Readonly<Record<string, HeaderValue>>): number {
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name];
    if (value instanceof Uint8Array) bytes += name.length + value.byteLength + 6;
    else for (const one of value ?? []) bytes += name.length + one.byteLength + 6;
  }
  return bytes;
}
