import { randomUUID } from "node:crypto";
import type { ConnectRecord } from "@org/bus-connect";
import { BusError, type RecordHeaders, type Violation } from "@org/bus-core";
import { atOnce } from "@org/bus-core/internal";
import type { FastifyRequest } from "fastify";
import { contextOf } from "../http/headers.js";
import { signatureFault } from "../signature/signature.js";
import type { ResolvedWebhookSourceOptions } from "./options.js";

/** Why a request is refused, as the caller is told. */
export class Refusal extends Error {
  constructor(
    readonly status: 400 | 401 | 422,
    message: string,
    readonly violations: readonly Violation[] = [],
  ) {
    super(message);
  }
}

/** A record, and the name that the caller gave it, if it did. */
export interface Received<T> {
  readonly record: ConnectRecord<T>;
  readonly key: string | undefined;
}

/** Makes a record of a request. @throws {Refusal} */
export function receive<T>(request: FastifyRequest, options: ResolvedWebhookSourceOptions, nowMs: number): Received<T> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const fault = options.signature === undefined ? undefined : signatureFault(options.signature, body, request.headers, nowMs);
  if (fault !== undefined) throw new Refusal(401, `the request ${fault}`);
  const value = jsonOf<T>(body, options);
  const named = request.headers[options.idempotencyHeader];
  const key = (Array.isArray(named) ? named[0] : named) ?? keyOf(value, options);
  const record = {
    value,
    id: key ?? randomUUID(),
    key: null,
    timestamp: nowMs,
    headers: headersOf(request, options),
    context: contextOf(request.headers),
  };
  return { record, key };
}

function jsonOf<T>(body: Buffer, { schema }: ResolvedWebhookSourceOptions): T {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new Refusal(400, "the body is not JSON in UTF-8");
  }
  // without a schema T is what the caller of webhookSource says of its senders
  if (schema === undefined) return value as T;
  const result = schema.safeParse(value);
  if (result.success) return result.data as T;
  const violations = result.error.issues.map(({ path, code, message }) => ({ path: path.join("."), rule: code, message }));
  throw new Refusal(422, "the body breaks its schema", violations);
}

function keyOf(value: unknown, { idempotencyKey }: ResolvedWebhookSourceOptions): string | undefined {
  try {
    return atOnce("idempotencyKey", (idempotencyKey as ((body: unknown) => string | undefined) | undefined)?.(value));
  } catch (cause) {
    throw new BusError(
      "invalid_options",
      "webhookSource: idempotencyKey has thrown or answered a promise, it must take any body and answer at once",
      { cause },
    );
  }
}

function headersOf({ headers }: FastifyRequest, options: ResolvedWebhookSourceOptions): RecordHeaders {
  return Object.fromEntries(
    options.headers.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, Buffer.from(Array.isArray(value) ? value.join(", ") : value)]];
    }),
  );
}
