import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The way to a server, which can be taken away: connections are cut and refused until it is back, on the same port. */
export class SwitchedProxy implements AsyncDisposable {
  readonly #upstreamPort: number;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  port = 0;

  constructor(upstreamPort: number) {
    this.#upstreamPort = upstreamPort;
  }

  async on(): Promise<void> {
    const server = createServer((client) => this.#accept(client)).listen(this.port, "127.0.0.1");
    this.#server = server;
    await once(server, "listening");
    // a server on a TCP port has an AddressInfo
    this.port = (server.address() as AddressInfo).port;
  }

  async off(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = once(server.close(), "close");
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.off();
  }

  #accept(client: Socket): void {
    const upstream = connect(this.#upstreamPort, "127.0.0.1");
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.pipe(other);
      socket
        .on("error", () => other.destroy())
        .on("close", () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
    }
  }
}
