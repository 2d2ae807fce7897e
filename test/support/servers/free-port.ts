import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A port of 127.0.0.1 on which nobody listens at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // a server on a TCP port has an AddressInfo
  const { port } = server.address() as AddressInfo;
  await once(server.close(), "close");
  return port;
}
