import { type Secret, tlsSettings } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import type { ClientConfig } from "pg";
import type { ResolvedConnectionOptions } from "./options.js";

/** How values look as text must not depend on the settings of the server, the database or the user. */
const SESSION = ["DateStyle=ISO", "IntervalStyle=iso_8601", "TimeZone=UTC", "extra_float_digits=1", "bytea_output=hex"];

/** How much longer than the server takes to end a statement its answer is waited for, at most: then the server, or the way to it, is gone. */
const MAX_GRACE_MS = 5_000;

/**
 * What pg needs for one connection of `owner`.
 *
 * @throws {BusError} `invalid_options` when the secret is not there, or is no address
 */
export function clientConfig(options: ResolvedConnectionOptions, owner: string): ClientConfig {
  const { tls, statementTimeoutMs } = options;
  return {
    connectionString: connectionString(options.url),
    application_name: (options.applicationName ?? owner).slice(0, 63),
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    options: [...SESSION, `statement_timeout=${statementTimeoutMs}`].map((setting) => `-c ${setting}`).join(" "),
    ...(statementTimeoutMs > 0 && { query_timeout: statementTimeoutMs + Math.min(statementTimeoutMs, MAX_GRACE_MS) }),
    ...(tls !== false && {
      ssl: { rejectUnauthorized: true, ...(tls !== true && tlsSettings(tls)) },
    }),
  };
}

/** pg takes any text for the name of a database on a host `base`, and quotes one that it cannot read. */
function connectionString(url: Secret): string {
  const text = url.reveal();
  const isSocket = text.startsWith("/") || text.startsWith("socket:");
  // one without a host is that of a socket, named by `?host=`
  const canBeRead = /^postgres(ql)?:\/\//.test(text) && URL.canParse(text.replace("@/", "@socket/").replaceAll(" ", "%20"), "postgres://base");
  if (isSocket || canBeRead) return text;
  throw new BusError("invalid_options", `${url.source} holds no address of PostgreSQL: must be postgres://user:password@host:5432/database`);
}
