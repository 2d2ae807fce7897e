import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import { Agent, interceptors, request } from "undici";
import { revealed } from "../http/headers.js";
import { readBody } from "../http/read-body.js";
import { retryAfterMs } from "../http/retry-after.js";
import type { ResolvedFeedSourceOptions } from "./options.js";

/** What tells a feed from what it was before. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export type FetchedFeed =
  | { readonly status: "changed"; readonly text: string; readonly validators: Validators }
  | { readonly status: "unchanged" }
  /** The server asks to come later. */
  | { readonly status: "later"; readonly afterMs: number };

const redirecting = new Agent().compose(interceptors.redirect({ maxRedirections: 5 }));

/** Asks for a feed, and only for one that has changed. */
export async function fetchFeed(options: ResolvedFeedSourceOptions, known: Validators, signal: AbortSignal, nowMs: number): Promise<FetchedFeed> {
  const { url, headers, timeoutMs, maxBytes } = options;
  const conditions = {
    ...(known.etag !== undefined && { "if-none-match": known.etag }),
    ...(known.lastModified !== undefined && { "if-modified-since": known.lastModified }),
  };
  const response = await request(url, {
    dispatcher: redirecting,
    headers: { ...revealed(headers), ...conditions },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const { statusCode, body } = response;
  if (statusCode === 200) {
    const bytes = await readBody(body, maxBytes, url);
    return { status: "changed", text: textOf(bytes, url), validators: validatorsOf(response.headers) };
  }
  await body.dump();
  if (statusCode === 304) return { status: "unchanged" };
  const afterMs = retryAfterMs(response.headers["retry-after"], nowMs);
  if ((statusCode === 429 || statusCode === 503) && afterMs !== undefined) return { status: "later", afterMs };
  const retryable = statusCode >= 500 || statusCode === 408 || statusCode === 425 || statusCode === 429;
  throw new BusError("transport_failed", `${url} answered ${statusCode}`, { retryable, details: { status: statusCode } });
}

function validatorsOf(headers: Readonly<Record<string, string | string[] | undefined>>): Validators {
  const { etag, "last-modified": lastModified } = headers;
  return { ...(typeof etag === "string" && { etag }), ...(typeof lastModified === "string" && { lastModified }) };
}

function textOf(bytes: Buffer, url: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new BusError("malformed_message", `${url} is not UTF-8: ${messageOf(cause)}`, { cause });
  }
}
