import type { RunningConnector } from "@org/bus-connect";
import type { FastifyInstance } from "fastify";
import { CommandFailure } from "../../failure.js";
import { createAdminServer } from "./create-admin-server.js";

export interface AdminOptions {
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
}

const loopback = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * Serves what there is to see and to do of the connectors of this process, as HTTP with an OpenAPI description at `/openapi.json`.
 *
 * @param connectors may get more of them later
 * @throws {CommandFailure} for an address that others can reach without a token, or one that is taken
 */
export async function startAdminServer(connectors: readonly RunningConnector[], { host, port, token }: AdminOptions): Promise<FastifyInstance> {
  if (!loopback.has(host) && token === undefined) {
    throw new CommandFailure(`--host ${host} can be reached by others: set BUS_ADMIN_TOKEN, or listen on 127.0.0.1`);
  }
  const server = await createAdminServer(connectors, token);
  try {
    await server.listen({ host, port });
  } catch (error) {
    await server.close();
    throw new CommandFailure(
      `the admin API cannot listen on ${host}:${port}: ${error instanceof Error ? error.message : error} (choose another with --port)`,
    );
  }
  return server;
}
