import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** `count` ports of 127.0.0.1 on which nobody listens at the moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  // a server on a TCP port has an AddressInfo
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
