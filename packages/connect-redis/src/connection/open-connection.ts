import { type ConnectorContext, revealUrl, shownUrl, tlsSettings } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { createClient, createCluster, createSentinel, RESP_TYPES } from "@redis/client";
import { redisError } from "./errors.js";
import type { ConnectionOptions } from "./options.js";
import { connectionOf, type RedisConnection, type Reply } from "./redis-connection.js";

// the same arrays as ever, which differ between no versions of Redis
const common = { RESP: 2, commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } } } as const;

/** @throws {BusError} `transport_failed`, `not_authenticated`, `not_authorized`; `invalid_options` when a secret is not there */
export async function openConnection(options: ConnectionOptions, context: ConnectorContext): Promise<RedisConnection> {
  const urls = [options.url].flat().map(revealUrl);
  try {
    if (options.sentinel !== undefined) return await openSentinel(options.sentinel, urls, options, context);
    return await (options.cluster ? openCluster(urls, options, context) : openServer(urls, options, context));
  } catch (cause) {
    throw redisError(`Redis at ${urls.map(shownUrl).join(", ")} cannot be used`, cause);
  }
}

async function openServer([url = "", ...others]: readonly string[], options: ConnectionOptions, context: ConnectorContext): Promise<RedisConnection> {
  if (others.length > 0)
    throw new BusError("invalid_options", "several addresses are for a cluster or sentinels: set cluster or sentinel, or give one");
  const { socket, ...rest } = server(url, options, context);
  const client = createClient({ ...common, ...rest, url, socket: { ...socket, reconnectStrategy: false }, disableOfflineQueue: true });
  // an error without a listener would end the process; commands fail with it
  client.on("error", () => {});
  await client.connect();
  return connectionOf(client, (_key, args) => client.sendCommand<Reply>(args), options, context);
}

async function openCluster(urls: readonly string[], options: ConnectionOptions, context: ConnectorContext): Promise<RedisConnection> {
  const [first = ""] = urls;
  const { username, password } = URL.canParse(first) ? new URL(first) : { username: "", password: "" };
  const defaults = server(first, options, context);
  const credentials = {
    ...(username !== "" && { username: decodeURIComponent(username) }),
    ...(password !== "" && { password: decodeURIComponent(password) }),
  };
  const cluster = createCluster({ ...common, rootNodes: urls.map((url) => ({ url })), defaults: { ...defaults, ...credentials } });
  cluster.on("error", () => {});
  await cluster.connect();
  return connectionOf(cluster, (key, args) => cluster.sendCommand<Reply>(key, false, [...args]), options, context);
}

async function openSentinel(name: string, urls: readonly string[], options: ConnectionOptions, context: ConnectorContext): Promise<RedisConnection> {
  const nodes = urls.map((url) => new URL(url));
  const [first] = nodes;
  const sentinel = createSentinel({
    ...common,
    name,
    sentinelRootNodes: nodes.map(({ hostname, port }) => ({ host: hostname, port: Number(port || 26_379) })),
    nodeClientOptions: server(first?.href ?? "", options, context),
    sentinelClientOptions: first === undefined || first.password === "" ? {} : { password: decodeURIComponent(first.password) },
  });
  sentinel.on("error", () => {});
  await sentinel.connect();
  const client = {
    get isOpen() {
      return sentinel.isOpen;
    },
    // of one that is ending already there is nothing to wait for
    destroy: () => void sentinel.destroy().catch(() => {}),
  };
  return connectionOf(client, (_key, args) => sentinel.sendCommand<Reply>(false, [...args]), options, context);
}

/** How each server is spoken to. */
function server(url: string, { username, password, tls, connectTimeoutMs, responseTimeoutMs }: ConnectionOptions, { connector }: ConnectorContext) {
  const secured = {
    tls: true as const,
    ...(tls !== undefined && tlsSettings(tls)),
  };
  const socket = { connectTimeout: connectTimeoutMs, socketTimeout: responseTimeoutMs };
  return {
    name: connector,
    // so that a connection that is not used is not silent
    pingInterval: Math.ceil(responseTimeoutMs / 3),
    socket: url.startsWith("rediss:") ? { ...socket, ...secured } : socket,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password: password.reveal() }),
  };
}
