import { once } from "node:events";
import { connect } from "node:net";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";

/**
 * Whether somebody listens at the host and the port of an address. Nothing is sent: a request could change something there.
 *
 * @throws {BusError} `transport_failed` where nobody does
 */
export async function reach(url: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const { hostname, port: named, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  const port = Number(named || (protocol === "https:" ? 443 : 80));
  const socket = connect({ host, port });
  // what comes after it was given up
  socket.on("error", () => {});
  try {
    await once(socket, "connect", { signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) });
  } catch (cause) {
    throw new BusError("transport_failed", `${host}:${port} cannot be reached: ${reasonOf(cause)}`, { cause, retryable: true });
  } finally {
    socket.destroy();
  }
}

/** Where a host has several addresses, that of each. */
function reasonOf(cause: unknown): string {
  return cause instanceof AggregateError ? cause.errors.map(messageOf).join("; ") : messageOf(cause);
}
