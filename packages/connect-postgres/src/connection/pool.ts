import { BusError, type Logger } from "@org/bus-core";
import pg, { type PoolClient } from "pg";
import { clientConfig } from "./client-config.js";
import { databaseError } from "./database-error.js";
import type { ResolvedConnectionOptions } from "./options.js";

/** Connections that are made when they are needed, again when they were lost, and cut when their work is no longer wanted. */
export interface ConnectionPool {
  /**
   * Does `work` on a connection of its own. When `signal` fires, the connection is cut and the result is `aborted`.
   *
   * @param what for the message of an error: `read public.outbox`
   * @throws {BusError} what PostgreSQL says; what `work` throws that is a BusError
   */
  run<R>(what: string, signal: AbortSignal, work: (client: PoolClient) => Promise<R>): Promise<R>;
  close(): Promise<void>;
}

/** @param owner which the server shows the connections as */
export function openPool(options: ResolvedConnectionOptions, owner: string, logger: Logger): ConnectionPool {
  const pool = new pg.Pool({ ...clientConfig(options, owner), max: options.maxConnections });
  // nobody uses it: the next use makes another
  pool.on("error", (error) => logger.debug({ error: error.message }, "an idle connection to postgres was lost"));
  return {
    async run(what, signal, work) {
      try {
        const client = await connected(pool, signal);
        return await onConnection(client, signal, work);
      } catch (thrown) {
        if (signal.aborted) throw new BusError("aborted", `postgres was no longer waited for to ${what}`, { cause: thrown });
        throw databaseError(thrown, what);
      }
    },
    // what is still connecting is cut when it has connected, and not waited for
    close: async () => (pool.idleCount === pool.totalCount ? pool.end() : void pool.end().catch(() => {})),
  };
}

/** A connection of the pool; one that comes when `signal` has fired goes back. */
async function connected(pool: pg.Pool, signal: AbortSignal): Promise<PoolClient> {
  signal.throwIfAborted();
  const client = pool.connect();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([client, aborted]);
  } catch (error) {
    client.then(
      (late) => late.release(true),
      () => {},
    );
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function onConnection<R>(client: PoolClient, signal: AbortSignal, work: (client: PoolClient) => Promise<R>): Promise<R> {
  // beside failing its query, pg emits the loss of a connection that is in use
  const onError = () => {};
  client.on("error", onError);
  let released = false;
  const release = (destroy: boolean) => {
    if (released) return;
    released = true;
    client.release(destroy);
    client.off("error", onError);
  };
  const cut = () => release(true);
  signal.addEventListener("abort", cut, { once: true });
  try {
    const result = await work(client);
    release(false);
    return result;
  } finally {
    // after an error a transaction may be open
    cut();
    signal.removeEventListener("abort", cut);
  }
}
