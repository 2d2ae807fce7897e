import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

const PRODUCE = 0;

/** What a proxy does with an answer to a produce request, or with the request. */
export interface Cuts {
  /** Whether the connection is dropped instead of passing on the next answer to a produce request: it is written, and nobody knows. */
  answer(): boolean;
  /** Whether the connection is dropped instead of passing on the next produce request: it is not written. */
  request(): boolean;
}

/** A proxy in front of one broker that drops connections around produce requests. */
export class CuttingProxy implements AsyncDisposable {
  readonly #cuts: Cuts;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#accept(client));
  #upstreamPort = 0;
  /** How many connections it has dropped. */
  dropped = 0;

  constructor(cuts: Cuts) {
    this.#cuts = cuts;
  }

  /** Listens, and passes on to `upstreamPort`. Resolves to its own port. */
  async listen(upstreamPort: number): Promise<number> {
    this.#upstreamPort = upstreamPort;
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    // a server on a TCP port has an AddressInfo
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server.close(), "close");
  }

  #accept(client: Socket): void {
    const broker = connect(this.#upstreamPort, "127.0.0.1");
    const drop = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.#sockets.add(socket);
      socket.on("error", drop).on("close", () => {
        this.#sockets.delete(socket);
        drop();
      });
    }
    const cut = (): void => {
      this.dropped++;
      drop();
    };
    const produceRequests = new Set<number>();
    forEachFrame(client, (frame) => {
      if (frame.readInt16BE(4) === PRODUCE) {
        produceRequests.add(frame.readInt32BE(8));
        if (this.#cuts.request()) return cut();
      }
      broker.write(frame);
    });
    forEachFrame(broker, (frame) => {
      if (produceRequests.delete(frame.readInt32BE(4)) && this.#cuts.answer()) return cut();
      client.write(frame);
    });
  }
}

/** Calls back for each message of the Kafka protocol, its length in front. */
function forEachFrame(socket: Socket, callback: (frame: Buffer) => void): void {
  let received: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0) && !socket.destroyed) {
      const end = 4 + received.readInt32BE(0);
      callback(received.subarray(0, end));
      received = received.subarray(end);
    }
  });
}
