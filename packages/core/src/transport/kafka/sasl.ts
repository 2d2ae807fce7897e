import { BusError } from "../../errors.js";
import type { KafkaSasl } from "./connection.js";

export type ClientCredentials = Extract<KafkaSasl, { mechanism: "oauthbearer-client-credentials" }>;

const TOKEN_TIMEOUT_MS = 10_000;

/**
 * A token for client credentials (OAuth 2.0, RFC 6749 section 4.4).
 *
 * @throws {BusError} `not_authenticated`; never with the secret
 */
export async function requestToken(credentials: ClientCredentials): Promise<string> {
  const { tokenEndpoint, clientId, clientSecret, scope } = credentials;
  const fail = (why: string, cause?: unknown): BusError =>
    new BusError("not_authenticated", `the token endpoint ${new URL(tokenEndpoint).origin} ${why}`, { cause });
  const response = await fetch(tokenEndpoint, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`).toString("base64")}` },
    body: new URLSearchParams({ grant_type: "client_credentials", ...(scope === undefined ? {} : { scope }) }),
    signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw fail("could not be reached", error);
  });
  if (!response.ok) throw fail(`answered ${response.status}`);
  const body: unknown = await response.json().catch(() => undefined);
  if (typeof body === "object" && body !== null && "access_token" in body && typeof body.access_token === "string") return body.access_token;
  throw fail("answered without an access_token");
}

/** Who the cluster takes us for, for messages. */
export function principalOf(sasl: KafkaSasl | undefined): string {
  if (sasl === undefined) return "this client (not logged in)";
  if (sasl.mechanism === "oauthbearer") return "the bearer of the token";
  return `user ${sasl.mechanism === "oauthbearer-client-credentials" ? sasl.clientId : sasl.username}`;
}
