import { type KafkaSasl, type KafkaSsl, requestToken } from "@org/bus-core/internal";
import type { Broker, ConnectionPool } from "@platformatic/kafka";
import type { ResolvedKafkaOptions } from "../options/options.js";

type PoolOptions = NonNullable<ConstructorParameters<typeof ConnectionPool>[1]>;
type PoolSasl = NonNullable<PoolOptions["sasl"]>;

/** What connections are made with. */
export interface ConnectionOptions {
  readonly clientId: string;
  readonly bootstrap: readonly Broker[];
  readonly connection: PoolOptions;
}

export function connectionOptions({ brokers, clientId, ssl, sasl, connectTimeoutMs }: ResolvedKafkaOptions): ConnectionOptions {
  return {
    clientId,
    bootstrap: brokers.map(toBroker),
    connection: {
      connectTimeout: connectTimeoutMs,
      ...tlsOptions(ssl),
      ...(sasl === undefined ? {} : { sasl: toPoolSasl(sasl) }),
    },
  };
}

function toBroker(address: string): Broker {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
}

function tlsOptions(ssl: KafkaSsl): PoolOptions {
  if (ssl === false) return {};
  if (ssl === true) return { tls: {} };
  const { servername, ca, cert, key, passphrase } = ssl;
  const tls = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }), ...(passphrase && { passphrase }) };
  return { tls, ...(servername === undefined ? {} : { tlsServerName: servername }) };
}

const MECHANISMS = { plain: "PLAIN", "scram-sha-256": "SCRAM-SHA-256", "scram-sha-512": "SCRAM-SHA-512" } as const;

function toPoolSasl(sasl: KafkaSasl): PoolSasl {
  switch (sasl.mechanism) {
    case "oauthbearer":
      return { mechanism: "OAUTHBEARER", token: () => sasl.token() };
    case "oauthbearer-client-credentials":
      return { mechanism: "OAUTHBEARER", token: () => requestToken(sasl) };
    default:
      return { mechanism: MECHANISMS[sasl.mechanism], username: sasl.username, password: sasl.password };
  }
}
