import { once } from "node:events";
import { createServer } from "node:net";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";

/**
 * Whether a server could listen there: listens, and closes.
 *
 * @throws {BusError} `transport_failed` where it could not
 */
export async function checkPort({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
  } catch (cause) {
    const remedy = (cause as NodeJS.ErrnoException).code === "EADDRINUSE" ? " (where the connector itself has the port, it is at work)" : "";
    throw new BusError("transport_failed", `webhooks cannot be received on ${host}:${port}: ${messageOf(cause)}${remedy}`, {
      cause,
      retryable: true,
    });
  }
  server.close();
  await once(server, "close");
}
