import { defineConnector, fromTopic, runConnector } from "@org/bus-connect";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { Order } from "../../../../../test/support/json-contract.js";
import { listSink } from "../../../../connect/test/list-sink.js";
import { listSource } from "../../../../connect/test/list-source.js";
import { testBus } from "../../../../connect/test/test-bus.js";
import { createAdminServer } from "./create-admin-server.js";

interface Schema {
  readonly $ref?: string;
  readonly [name: string]: unknown;
}
interface Answer {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
}
interface Operation {
  readonly summary: string;
  readonly responses: Readonly<Record<string, Answer>>;
}
interface Document {
  readonly openapi: string;
  readonly security?: readonly object[];
  readonly components: { readonly schemas: Readonly<Record<string, Schema>>; readonly securitySchemes: Readonly<Record<string, object>> };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

type Method = "GET" | "POST" | "PUT";

async function setup(token?: string) {
  const bus = testBus([Order]);
  const lists = defineConnector({ name: "lists", source: listSource({ lists: { a: [1, 2, 3] }, bounded: false }), sink: listSink<number>() });
  const failing = listSink<number>(() => ({ status: "rejected", error: new Error("the table says no") }));
  const fails = defineConnector({ name: "fails", source: listSource({ lists: { a: [1] } }), sink: failing });
  const topic = defineConnector({ name: "topic", source: fromTopic(Order), sink: listSink<Order>() });
  const running = [lists, fails, topic].map((connector) => runConnector(bus, connector));
  await running[1]?.finished.catch(() => {});
  await expect.poll(() => running[0]?.status().tasks[0]?.written).toBe(3);
  await expect.poll(() => running[2]?.status().state).toBe("running");
  const server = await createAdminServer(running, token);
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const document = (await server.inject({ url: "/openapi.json", headers })).json<Document>();
  return { bus, server, document, [Symbol.asyncDispose]: async () => void (await Promise.all([server.close(), bus.close()])) };
}

function schemaOf({ components }: Document, schema: Schema | undefined): z.ZodType {
  const name = /^#\/components\/schemas\/(.+)$/.exec(schema?.$ref ?? "")?.[1];
  return z.fromJSONSchema(components.schemas[name ?? ""] as z.core.JSONSchema.JSONSchema);
}

describe("createAdminServer", () => {
  it("answers as /openapi.json says, also what goes wrong", async () => {
    await using api = await setup();
    const { server, document } = api;
    const asked: readonly (readonly [Method, string, string, number, object?])[] = [
      ["GET", "/health", "/health", 503],
      ["GET", "/connectors", "/connectors", 200],
      ["GET", "/connectors/lists", "/connectors/{name}", 200],
      ["GET", "/connectors/nobody", "/connectors/{name}", 404],
      ["POST", "/connectors/lists/pause", "/connectors/{name}/pause", 200],
      ["POST", "/connectors/lists/resume", "/connectors/{name}/resume", 200],
      ["GET", "/connectors/lists/positions", "/connectors/{name}/positions", 200],
      ["GET", "/connectors/topic/positions", "/connectors/{name}/positions", 200],
      ["PUT", "/connectors/lists/positions/a", "/connectors/{name}/positions/{split}", 409, { position: 1 }],
      ["PUT", "/connectors/lists/positions/a", "/connectors/{name}/positions/{split}", 400, { place: 1 }],
      ["POST", "/connectors/lists/stop", "/connectors/{name}/stop", 200],
      ["PUT", "/connectors/lists/positions/a", "/connectors/{name}/positions/{split}", 200, { position: 1 }],
      ["POST", "/connectors/lists/restart", "/connectors/{name}/restart", 200],
      ["POST", "/connectors/fails/tasks/a/restart", "/connectors/{name}/tasks/{task}/restart", 200],
    ];
    for (const [method, url, path, status, payload] of asked) {
      const answer = await server.inject({ method, url, ...(payload && { payload }) });
      const described = document.paths[path]?.[method.toLowerCase()]?.responses[String(status)]?.content["application/json"]?.schema;
      expect({ url, status: answer.statusCode, fault: schemaOf(document, described).safeParse(answer.json()).error }).toEqual({ url, status });
    }
  });

  it("describes every operation, its answers and its errors by schemas that are there", async () => {
    await using api = await setup();
    const { document } = api;
    expect(document.openapi).toBe("3.1.0");
    expect(document.security).toBeUndefined();
    expect(Object.keys(document.components.schemas).sort()).toEqual(["ConnectorStatus", "ConnectorStatuses", "Error", "Health", "Positions"]);
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBe(10);
    for (const { summary, responses } of operations) {
      expect(summary).not.toBe("");
      expect(Object.keys(responses)).toEqual(["200", "400", "401", "403", "404", "409", "503"]);
      for (const { description, content } of Object.values(responses)) {
        expect(description).not.toMatch(/^(Default Response)?$/);
        const name = content["application/json"]?.schema.$ref?.split("/").at(-1) ?? "";
        expect(Object.keys(document.components.schemas)).toContain(name);
      }
    }
  });

  it("says that a token is needed, where it is, and refuses what it does not know as all else", async () => {
    await using api = await setup("correct horse");
    const { server, document } = api;
    expect(document.components.securitySchemes).toEqual({
      token: { type: "http", scheme: "bearer", description: "BUS_ADMIN_TOKEN, where it is set" },
    });
    expect(document.security).toEqual([{ token: [] }]);
    const unknown = await server.inject({ url: "/nowhere", headers: { authorization: "Bearer correct horse" } });
    expect([unknown.statusCode, unknown.json()]).toEqual([404, { error: "there is no GET /nowhere; /openapi.json says what there is" }]);
    const refused = await server.inject({ url: "/nowhere" });
    expect([refused.statusCode, Object.keys(refused.json<object>())]).toEqual([401, ["error"]]);
  });
});
