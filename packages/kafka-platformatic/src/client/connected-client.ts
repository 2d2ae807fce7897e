import {
  AuthenticationError,
  apiVersionsV3,
  type Broker,
  type Connection,
  ConnectionPool,
  ResponseError,
  UnsupportedCompressionError,
} from "@platformatic/kafka";
import type { ClientTimeouts, ClusterClient, Destination, Lane } from "./cluster-client.js";
import type { ConnectionLog } from "./connection-log.js";
import type { ConnectionOptions } from "./connection-options.js";
import { ConnectionFault, ProtocolFault } from "./faults.js";
import { type Answer, type Arguments, type RequestName, requests } from "./requests.js";

interface VersionRange {
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** One version of a request, when it does not matter which: the table beside the names keeps arguments and answers together. */
interface AnyApi {
  readonly async: (connection: Connection, ...args: unknown[]) => Promise<unknown>;
  readonly key: number;
  readonly version: number;
}

/** The client on the connections of @platformatic/kafka: finds brokers, agrees on versions, and tells faults apart. */
export class ConnectedClient implements ClusterClient {
  readonly #options: ConnectionOptions;
  readonly #timeouts: ClientTimeouts;
  readonly #log: ConnectionLog;
  readonly #pools = new Map<Lane, ConnectionPool>();
  readonly #addresses = new Map<number, Broker>();
  readonly #versions = new WeakMap<Connection, Promise<ReadonlyMap<number, VersionRange>>>();
  #turn = 0;
  #closed: Promise<void> | undefined;

  constructor(options: ConnectionOptions, timeouts: ClientTimeouts, log: ConnectionLog) {
    this.#options = options;
    this.#timeouts = timeouts;
    this.#log = log;
  }

  async request<Name extends RequestName>(to: Destination, name: Name, ...args: Arguments<Name>): Promise<Answer<Name>> {
    const connection = await this.#connection(to);
    const api = await this.#agree(connection, name);
    if (this.#closed !== undefined) throw closed();
    // `requests` holds the arguments and the answer of `name` together
    const answer = (await answerTo(api.async(connection, ...args))) as Answer<Name>;
    this.#learn(answer);
    return answer;
  }

  async close(): Promise<void> {
    this.#closed ??= Promise.all([...this.#pools.values()].map((pool) => pool.close().catch(() => {}))).then(() => {});
    await this.#closed;
  }

  async #connection({ broker, lane = "main" }: Destination): Promise<Connection> {
    if (broker !== "any") {
      const address = this.#addresses.get(broker);
      if (address === undefined) throw new ConnectionFault(`the address of broker ${broker} is not known`, { sent: false });
      return this.#connect(lane, address);
    }
    // the next request begins with another, so that one that answers wrongly is not asked for ever
    const candidates = [...this.#options.bootstrap, ...this.#addresses.values()];
    const first = this.#turn++ % this.#options.bootstrap.length;
    let fault: unknown;
    for (const address of [...candidates.slice(first), ...candidates.slice(0, first)]) {
      try {
        return await this.#connect(lane, address);
      } catch (error) {
        // a wrong password is wrong everywhere
        if (error instanceof ProtocolFault) throw error;
        fault = error;
      }
    }
    throw fault;
  }

  async #connect(lane: Lane, address: Broker): Promise<Connection> {
    if (this.#closed !== undefined) throw closed();
    try {
      return await this.#pool(lane).get(address);
    } catch (error) {
      throw connectFault(error, address);
    }
  }

  #pool(lane: Lane): ConnectionPool {
    const existing = this.#pools.get(lane);
    if (existing !== undefined) return existing;
    const { clientId, connection } = this.#options;
    const { requestTimeoutMs, fetchTimeoutMs, joinTimeoutMs } = this.#timeouts;
    const requestTimeout = { main: requestTimeoutMs, fetch: fetchTimeoutMs, join: joinTimeoutMs }[lane];
    const pool = new ConnectionPool(clientId, { ...connection, requestTimeout });
    pool.on("connecting", ({ broker, connection: opened }) => {
      // the pool listens for one error only, and one that nobody listens for ends the process
      opened.on("error", (error) => {
        if (this.#closed === undefined) this.#log.trouble(broker, error);
      });
    });
    this.#pools.set(lane, pool);
    return pool;
  }

  /** The newest version of a request that both sides know. */
  async #agree(connection: Connection, name: RequestName): Promise<AnyApi> {
    let agreed = this.#versions.get(connection);
    if (agreed === undefined) {
      agreed = askVersions(connection);
      // whoever waits for it is told
      agreed.catch(() => {});
      this.#versions.set(connection, agreed);
    }
    const ranges = await agreed;
    const known: readonly AnyApi[] = requests[name] as readonly unknown[] as readonly AnyApi[];
    const api = known.find(({ key, version }) => {
      const range = ranges.get(key);
      return range !== undefined && range.minVersion <= version && version <= range.maxVersion;
    });
    if (api !== undefined) return api;
    const remedy = name === "ConsumerGroupHeartbeat" ? "needs Kafka 4.0; set groupProtocol to classic" : "needs Kafka 3.1; use @org/bus-kafka";
    throw new ProtocolFault("UNSUPPORTED_VERSION", false, `the broker does not know the request ${name} as this client sends it, which ${remedy}`);
  }

  #learn(answer: object): void {
    const brokers = "brokers" in answer ? answer.brokers : "coordinators" in answer ? answer.coordinators : undefined;
    if (!Array.isArray(brokers)) return;
    for (const { nodeId, host, port } of brokers) if (nodeId >= 0) this.#addresses.set(nodeId, { host, port });
  }
}

const closed = (): ConnectionFault => new ConnectionFault("the client is closed", { sent: false });

async function askVersions(connection: Connection): Promise<ReadonlyMap<number, VersionRange>> {
  const { apiKeys } = await answerTo(apiVersionsV3.api.async(connection, "org-bus", "1"));
  return new Map(apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, { minVersion, maxVersion }]));
}

/** Error codes stay in the answer, where they belong to a topic or a partition. */
async function answerTo<T>(answered: Promise<T>): Promise<T> {
  try {
    return await answered;
  } catch (error) {
    // the client throws what it has read when there is an error code in it
    if (error instanceof ResponseError && "response" in error && error.response !== undefined) return error.response as T;
    if (error instanceof UnsupportedCompressionError) throw new ProtocolFault("UNSUPPORTED_COMPRESSION_TYPE", false, error.message);
    throw new ConnectionFault(error instanceof Error ? error.message : String(error), { sent: true, cause: error });
  }
}

function connectFault(error: unknown, { host, port }: Broker): Error {
  const refused = causes(error).find((cause) => cause instanceof AuthenticationError);
  const root = causes(error).at(-1);
  if (refused !== undefined) {
    const said = root instanceof Error && root !== refused ? root.message : refused.message;
    return new ProtocolFault("SASL_AUTHENTICATION_FAILED", false, said);
  }
  return new ConnectionFault(`no connection to ${host}:${port}: ${root instanceof Error ? root.message : String(root)}`, {
    sent: false,
    cause: error,
  });
}

/** An error and what caused it, to the bottom. */
function causes(error: unknown): readonly unknown[] {
  if (!(error instanceof Error)) return [error];
  // of several, the first
  const inner: unknown = error.cause ?? (error instanceof AggregateError ? error.errors[0] : undefined);
  return inner === undefined ? [error] : [error, ...causes(inner)];
}
