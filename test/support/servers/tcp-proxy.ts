import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";

/** A way to a server that can be taken away. */
export interface TcpProxy {
  readonly port: number;
  /** Ends all connections, and takes no more. Idempotent. */
  cut(): Promise<void>;
  /** Passes nothing on any more and tells nobody, as a network that drops all packets does. */
  freeze(): void;
  /** Takes connections again; those that were frozen stay so. */
  mend(): Promise<void>;
}

/** Passes on what comes to a port of 127.0.0.1. */
export async function startProxy(target: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  const open = new Set<Socket>();
  let isFrozen = false;
  const server = createServer((client) => {
    const upstream = createConnection(target);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket);
      socket.on("error", () => {});
      socket.once("close", () => {
        open.delete(socket);
        other.destroy();
      });
      if (!isFrozen) socket.pipe(other);
    }
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  await listen(0);
  // a server on a TCP port has an AddressInfo
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async cut() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
    freeze() {
      isFrozen = true;
      for (const socket of open) socket.unpipe().pause();
    },
    async mend() {
      isFrozen = false;
      if (!server.listening) await listen(port);
    },
  };
}
