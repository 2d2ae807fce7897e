import type { ConnectorContext } from "@org/bus-connect";
import type { ConnectionOptions } from "./options.js";

/** What Redis answers: blobs as bytes, so that nothing is lost that is no text. */
export type Reply = null | number | string | Buffer | readonly Reply[];

/** A connection, or to a cluster one to each of its nodes. It is never made again by itself, except within a cluster: the framework restarts what needs it. */
export interface RedisConnection {
  /** False when it was lost or ended. */
  readonly isOpen: boolean;
  /** Runs a command where `key` is. Commands that are called without waiting go out together, and run in this order. */
  command(key: string, args: readonly (string | Buffer)[]): Promise<Reply>;
  /** Sends what is under way, waits for the answers, and ends it. Idempotent. */
  close(): Promise<void>;
  /** Ends it at once: what is under way fails. Idempotent. */
  destroy(): void;
}

interface Client {
  readonly isOpen: boolean;
  destroy(): void;
}

/**
 * The connection of a client. It waits by itself for the answers that are due at its end: `close()` of node-redis 6.3.1 never ends when the socket is lost after
 * it was called, for such a loss is told to nobody.
 */
export function connectionOf(
  client: Client,
  send: RedisConnection["command"],
  { responseTimeoutMs }: ConnectionOptions,
  { clock }: ConnectorContext,
): RedisConnection {
  let due = 0;
  let isClosing = false;
  const ended = Promise.withResolvers<void>();
  const destroy = (): void => {
    isClosing = true;
    if (client.isOpen) client.destroy();
    ended.resolve();
  };
  return {
    get isOpen() {
      return client.isOpen && !isClosing;
    },
    async command(key, args) {
      due++;
      try {
        return await send(key, args);
      } finally {
        due--;
        if (isClosing && due === 0) destroy();
      }
    },
    async close() {
      isClosing = true;
      if (due === 0 || !client.isOpen) return destroy();
      const cancel = clock.schedule(responseTimeoutMs, destroy);
      await ended.promise;
      cancel();
    },
    destroy,
  };
}
