import { tlsSettings } from "@org/bus-connect";
import type { ClientConfig } from "pg";
import type { ResolvedConnectionOptions } from "./options.js";

/** How values look as text must not depend on the settings of the server, the database or the user. */
const SESSION = ["DateStyle=ISO", "IntervalStyle=iso_8601", "TimeZone=UTC", "extra_float_digits=1", "bytea_output=hex"];

/**
 * What pg needs for one connection of `owner`.
 *
 * @throws {BusError} `invalid_options` when the secret is not there
 */
export function clientConfig(options: ResolvedConnectionOptions, owner: string): ClientConfig {
  const { tls } = options;
  return {
    connectionString: options.url.reveal(),
    application_name: (options.applicationName ?? owner).slice(0, 63),
    connectionTimeoutMillis: options.connectTimeoutMs,
    keepAlive: true,
    options: [...SESSION, `statement_timeout=${options.statementTimeoutMs}`].map((setting) => `-c ${setting}`).join(" "),
    ...(tls !== false && {
      ssl: { rejectUnauthorized: true, ...(tls !== true && tlsSettings(tls)) },
    }),
  };
}
