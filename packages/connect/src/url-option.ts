import { z } from "zod";
import { Secret } from "./secret.js";

/** The address of a system: as text, or by reference where it holds a password. */
export type UrlOption = string | Secret;

/**
 * An option for the address of a system: `amqp://user@host`, or a secret. Text with a password in it is refused, so that none gets into a repository or
 * a log.
 *
 * @param protocols those that the client knows, without the colon: `amqp`, `amqps`
 */
export function urlOption(protocols: readonly string[]): z.ZodType<UrlOption, UrlOption> {
  const forms = protocols.map((protocol) => `${protocol}://`).join(" or ");
  const text = z
    .string()
    .refine((url) => !hasPassword(url), {
      error: 'holds a password, which no code should: pass the address by reference, such as secret("AMQP_URL")',
      abort: true,
    })
    .refine((url) => URL.canParse(url) && protocols.includes(new URL(url).protocol.slice(0, -1)), { error: `must be an address with ${forms}` });
  return z.union([z.instanceof(Secret), text], {
    error: ({ input, errors }) =>
      typeof input === "string" ? (errors?.[1]?.[0]?.message ?? "") : `must be an address with ${forms}, or a secret that holds one`,
  });
}

/** The address itself. @throws {BusError} `invalid_options` when the secret is not there */
export const revealUrl = (url: UrlOption): string => (url instanceof Secret ? url.reveal() : url);

/** An address for logs: without the user and what could be a secret in its query. */
export function shownUrl(url: string): string {
  if (!URL.canParse(url)) return "an address";
  const { protocol, host, pathname } = new URL(url);
  return host === "" ? "an address" : `${protocol}//${host}${pathname}`;
}

function hasPassword(url: string): boolean {
  return URL.canParse(url) ? new URL(url).password !== "" : /\/\/[^/@]*:[^/@]*@/.test(url);
}
