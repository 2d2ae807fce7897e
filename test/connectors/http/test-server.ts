import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that can go away and come back at the same address. */
export async function startServer(answer: RequestListener) {
  let server: Server | undefined;
  const start = async (port: number) => {
    server = createServer(answer).listen(port, "127.0.0.1");
    await once(server, "listening");
    // a server on a TCP port has an AddressInfo
    return (server.address() as AddressInfo).port;
  };
  const stop = async () => {
    const stopped = server === undefined ? undefined : once(server.close(), "close");
    server?.closeAllConnections();
    await stopped;
    server = undefined;
  };
  const port = await start(0);
  return { url: `http://127.0.0.1:${port}/`, port, stop, start: async () => void (await start(port)) };
}
