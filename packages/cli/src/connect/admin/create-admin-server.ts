import swagger from "@fastify/swagger";
import type { RunningConnector } from "@org/bus-connect";
import { BusError, type JsonValue } from "@org/bus-core";
import fastify, { type FastifyInstance } from "fastify";
import { guard } from "./guard.js";
import { answer, answerSchemas, responses } from "./schemas.js";

interface Named {
  Params: { name: string };
}

const text = { type: "string" } as const;
const named = { type: "object", required: ["name"], properties: { name: text } } as const;

/** The admin API of `connectors`, of which there may be more later, without an address. */
export async function createAdminServer(connectors: readonly RunningConnector[], token: string | undefined): Promise<FastifyInstance> {
  const server = fastify({ logger: false });
  // the schemas describe what is answered, and take nothing away from it
  server.setSerializerCompiler(() => JSON.stringify);
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "bus connect", description: "The connectors of one process.", version: "1" },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer", description: "BUS_ADMIN_TOKEN, where it is set" } } },
      ...(token === undefined ? {} : { security: [{ token: [] }] }),
    },
    refResolver: { buildLocalReference: ({ $id }) => String($id) },
  });
  for (const schema of answerSchemas) server.addSchema(schema);
  server.addHook("onRequest", guard(token));
  server.setErrorHandler((error, _request, reply) => {
    const isOurs = error instanceof BusError;
    const code = isOurs ? (error.code === "invalid_options" || error.code === "unsupported" ? 409 : 503) : (statusOf(error) ?? 500);
    return reply.code(code).send({ error: error instanceof Error ? error.message : String(error) });
  });
  server.setNotFoundHandler(({ method, url }, reply) =>
    reply.code(404).send({ error: `there is no ${method} ${url}; /openapi.json says what there is` }),
  );
  const connector = (name: string): RunningConnector => {
    const found = connectors.find((each) => each.name === name);
    if (found !== undefined) return found;
    throw Object.assign(new Error(`no connector is called ${name} (there are ${connectors.map((each) => each.name).join(", ")})`), {
      statusCode: 404,
    });
  };

  const wellOrNot: ReturnType<typeof responses> = { ...responses("All are well", "Health"), 503: answer("One is not", "Health") };
  server.get("/health", { schema: { summary: "Whether all connectors are well", response: wellOrNot } }, async (_request, reply) => {
    const all = connectors.map((each) => each.status());
    const healthy = all.every((status) => status.healthy);
    return reply
      .code(healthy ? 200 : 503)
      .send({ healthy, connectors: all.map(({ name, state, healthy: isWell }) => ({ name, state, healthy: isWell })) });
  });
  server.get(
    "/connectors",
    { schema: { summary: "All connectors and their tasks", response: responses("As they stand", "ConnectorStatuses") } },
    async () => connectors.map((each) => each.status()),
  );
  const status = responses("As it stands now", "ConnectorStatus");
  server.get<Named>("/connectors/:name", { schema: { summary: "One connector", params: named, response: status } }, async ({ params }) =>
    connector(params.name).status(),
  );
  const act = (action: string, summary: string, run: (each: RunningConnector) => unknown) =>
    server.post<Named>(`/connectors/:name/${action}`, { schema: { summary, params: named, response: status } }, async ({ params }) => {
      await run(connector(params.name));
      return connector(params.name).status();
    });
  act("pause", "Read no more; what is in flight is written", (each) => each.pause());
  act("resume", "Read on", (each) => each.resume());
  act("stop", "Finish what is being written, store positions, close source and sink", (each) => each.stop());
  act("restart", "Begin anew where the positions say, all tasks", (each) => each.restart());
  const task = { type: "object", required: ["name", "task"], properties: { name: text, task: text } };
  server.post<{ Params: { name: string; task: string } }>(
    "/connectors/:name/tasks/:task/restart",
    { schema: { summary: "Begin one task anew", params: task, response: status } },
    async ({ params }) => {
      await connector(params.name).restart(params.task);
      return connector(params.name).status();
    },
  );
  const positions = responses("Of the splits of this process; of a source that is a topic what its group has committed", "Positions");
  server.get<Named>(
    "/connectors/:name/positions",
    { schema: { summary: "Where the splits of this process stand", params: named, response: positions } },
    async ({ params }) => connector(params.name).positions(),
  );
  server.put<{ Params: { name: string; split: string }; Body: { position: JsonValue } }>(
    "/connectors/:name/positions/:split",
    {
      schema: {
        summary: "Let a split go on elsewhere, of a connector that is stopped; null: at its beginning",
        params: { type: "object", required: ["name", "split"], properties: { name: text, split: text } },
        body: { type: "object", required: ["position"], properties: { position: {} } },
        response: positions,
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

const statusOf = (error: unknown): number | undefined => (error as { readonly statusCode?: number } | null)?.statusCode;
