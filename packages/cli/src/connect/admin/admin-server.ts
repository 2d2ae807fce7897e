import swagger from "@fastify/swagger";
import type { RunningConnector } from "@org/bus-connect";
import { BusError, type JsonValue } from "@org/bus-core";
import fastify, { type FastifyInstance } from "fastify";
import { CommandFailure } from "../../failure.js";
import { guard } from "./guard.js";

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

/** The same without an address, for tests. */
export async function createAdminServer(connectors: readonly RunningConnector[], token: string | undefined): Promise<FastifyInstance> {
  const server = fastify({ logger: false });
  await server.register(swagger, {
    openapi: { info: { title: "bus connect", description: "The connectors of one process.", version: "1" } },
  });
  server.addHook("onRequest", guard(token));
  server.setErrorHandler((error, _request, reply) => {
    const isOurs = error instanceof BusError;
    const code = isOurs ? (error.code === "invalid_options" || error.code === "unsupported" ? 409 : 503) : (statusOf(error) ?? 500);
    return reply.code(code).send({ error: error instanceof Error ? error.message : String(error) });
  });
  const connector = (name: string): RunningConnector => {
    const found = connectors.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw Object.assign(new Error(`no connector is called ${name} (there are ${connectors.map((each) => each.name).join(", ")})`), {
      statusCode: 404,
    });
  };

  server.get("/health", { schema: { summary: "Whether all connectors are well: 200, or 503" } }, async (_request, reply) => {
    const all = connectors.map((each) => each.status());
    const healthy = all.every((status) => status.healthy);
    return reply
      .code(healthy ? 200 : 503)
      .send({ healthy, connectors: all.map(({ name, state, healthy: isWell }) => ({ name, state, healthy: isWell })) });
  });
  server.get("/connectors", { schema: { summary: "All connectors and their tasks" } }, async () => connectors.map((each) => each.status()));
  server.get<Named>("/connectors/:name", { schema: { summary: "One connector", params: named } }, async ({ params }) =>
    connector(params.name).status(),
  );
  const act = (action: string, summary: string, run: (each: RunningConnector) => unknown) =>
    server.post<Named>(`/connectors/:name/${action}`, { schema: { summary, params: named } }, async ({ params }) => {
      await run(connector(params.name));
      return connector(params.name).status();
    });
  act("pause", "Read no more; what is in flight is written", (each) => each.pause());
  act("resume", "Read on", (each) => each.resume());
  act("stop", "Finish what is being written, store positions, close source and sink", (each) => each.stop());
  act("restart", "Begin anew where the positions say, all tasks", (each) => each.restart());
  server.post<{ Params: { name: string; task: string } }>(
    "/connectors/:name/tasks/:task/restart",
    { schema: { summary: "Begin one task anew", params: { ...named, properties: { ...named.properties, task: { type: "string" } } } } },
    async ({ params }) => {
      await connector(params.name).restart(params.task);
      return connector(params.name).status();
    },
  );
  server.get<Named>(
    "/connectors/:name/positions",
    { schema: { summary: "Where the splits of this process stand", params: named } },
    async ({ params }) => connector(params.name).positions(),
  );
  server.put<{ Params: { name: string; split: string }; Body: { position: JsonValue } }>(
    "/connectors/:name/positions/:split",
    {
      schema: {
        summary: "Let a split go on elsewhere, of a connector that is stopped; null: at its beginning",
        params: { ...named, properties: { ...named.properties, split: { type: "string" } } },
        body: { type: "object", required: ["position"], properties: { position: {} } },
      },
    },
    async ({ params, body }) => {
      await connector(params.name).setPosition(params.split, body.position ?? undefined);
      return connector(params.name).positions();
    },
  );
  server.get("/openapi.json", { schema: { hide: true } }, async () => server.swagger());
  await server.ready();
  return server;
}

interface Named {
  Params: { name: string };
}

const named = { type: "object", properties: { name: { type: "string" } } } as const;

const statusOf = (error: unknown): number | undefined => (error as { readonly statusCode?: number } | null)?.statusCode;
