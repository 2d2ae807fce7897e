import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

interface Connection {
  readonly client: Socket;
  readonly broker: Socket;
}

/** A proxy in front of one broker whose connections can be cut, delayed, or stalled in one direction. */
export class FaultyProxy implements AsyncDisposable {
  readonly #connections = new Set<Connection>();
  readonly #server = createServer((client) => this.#accept(client));
  #upstreamPort = 0;
  #delayMs = 0;
  #stalled = false;

  /** Listens, and passes on to `upstreamPort`. Resolves to its own port. */
  async listen(upstreamPort: number): Promise<number> {
    this.#upstreamPort = upstreamPort;
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    // a server on a TCP port has an AddressInfo
    return (this.#server.address() as AddressInfo).port;
  }

  /** Drops all connections, in the middle of whatever they carry. */
  cut(): void {
    for (const { client, broker } of [...this.#connections]) {
      client.destroy();
      broker.destroy();
    }
  }

  /** Holds back everything by so much from now on; 0 ends it. */
  delay(delayMs: number): void {
    this.#delayMs = delayMs;
  }

  /** The answers of the broker no longer arrive, while requests do: half of each connection is dead. `false` ends it, and drops those. */
  stall(stalled: boolean): void {
    this.#stalled = stalled;
    if (!stalled) this.cut();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await once(this.#server.close(), "close");
  }

  #accept(client: Socket): void {
    const broker = connect(this.#upstreamPort, "127.0.0.1");
    const connection = { client, broker };
    this.#connections.add(connection);
    const drop = (): void => {
      client.destroy();
      broker.destroy();
      this.#connections.delete(connection);
    };
    for (const socket of [client, broker]) socket.on("error", drop).on("close", drop);
    this.#pipe(client, broker, () => false);
    this.#pipe(broker, client, () => this.#stalled);
  }

  #pipe(from: Socket, to: Socket, isStalled: () => boolean): void {
    let lastDue = 0;
    from.on("data", (chunk: Buffer) => {
      if (isStalled()) return;
      const now = performance.now();
      if (this.#delayMs === 0 && lastDue <= now) {
        to.write(chunk);
        return;
      }
      // nothing overtakes what is still held back: timers of one due time fire in the order in which they were set
      lastDue = Math.max(lastDue, Math.ceil(now) + this.#delayMs);
      setTimeout(() => to.write(chunk), lastDue - now);
    });
  }
}
