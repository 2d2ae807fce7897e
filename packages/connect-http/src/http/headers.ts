import { type Context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import { Secret } from "@org/bus-connect";
import { z } from "zod";

/** Headers to send; what is secret in them by reference. */
export const headersOption = z
  .record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, "must be the name of a header"), z.union([z.string(), z.instanceof(Secret)]))
  .default({})
  .describe('headers to send, such as `{ authorization: secret("API_TOKEN") }`');

export type HeadersOption = z.output<typeof headersOption>;

/** With the secrets as they are now. */
export function revealed(headers: HeadersOption): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]));
}

/** The trace and baggage that a caller has sent. */
export function contextOf(headers: Readonly<Record<string, string | string[] | undefined>>): Context {
  return propagation.extract(ROOT_CONTEXT, headers);
}

/** The headers that carry `context` on. */
export function contextHeaders(context: Context): Record<string, string> {
  const headers: Record<string, string> = {};
  if (context !== ROOT_CONTEXT) propagation.inject(context, headers);
  return headers;
}
