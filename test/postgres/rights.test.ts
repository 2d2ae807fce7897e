import { chmod, chown, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ConnectionOptions, PostgresSinkOptions } from "@org/bus-connect-postgres";
import { outboxTableSql, postgresOutbox, postgresSink } from "@org/bus-connect-postgres";
import { startPostgres } from "@org/bus-testkit/postgres";
import { generate } from "selfsigned";
import { describe, expect, it, onTestFinished } from "vitest";
import { Article, OrderPlaced } from "../contracts/gen/shop/v1/shop.js";
import { connectorContext } from "../support/connector-context.js";
import { canStartPostgres } from "../support/servers/postgres.js";
import { connect, SplitReader, secretUrl } from "./setup.js";

/** A server of the test's own, for roles and settings are of a server; and a role that may log in and no more. */
async function serverWithRole(settings: Readonly<Record<string, string>> = {}) {
  const server = await startPostgres({ settings });
  onTestFinished(() => server.stop());
  const admin = await connect(server.url);
  await admin.query("create role clerk login");
  return { server, admin, url: server.url.replace("postgres@", "clerk@") };
}

const outboxOf = (url: string) => postgresOutbox({ connection: { url: secretUrl(url) }, slot: "orders", contracts: [OrderPlaced] });
const sinkOf = (url: string, options: Partial<PostgresSinkOptions<Article>> = {}) =>
  postgresSink({ connection: { url: secretUrl(url) }, contract: Article, table: "articles", ...options });

describe.skipIf(!canStartPostgres())("rights in PostgreSQL", { timeout: 60_000 }, () => {
  it("says what a role needs to replicate, at a check and at the start", async () => {
    const { admin, url } = await serverWithRole();
    await admin.query(outboxTableSql({ table: "outbox" }));
    const source = outboxOf(url);
    const refused = {
      code: "not_authorized",
      retryable: false,
      message: 'role clerk may not replicate: alter role "clerk" replication, or read the outbox by polling (postgresOutboxPolling)',
    };
    await expect(source.check?.(connectorContext())).rejects.toMatchObject(refused);
    await expect(new SplitReader(source).next()).rejects.toMatchObject(refused);

    await admin.query('alter role "clerk" replication');
    await source.check?.(connectorContext());
    await expect(new SplitReader(source).next()).rejects.toMatchObject({
      code: "not_authorized",
      message: expect.stringMatching(
        /^the role may not make publication orders, have the owner of the tables do it: create publication "orders" for table /,
      ),
    });

    await admin.query("create publication orders for table outbox with (publish = 'insert')");
    const reader = new SplitReader(source);
    const batch = reader.next();
    // nothing but replication is needed to read
    await until(async () => (await admin.query("select from pg_replication_slots where active")).rowCount === 1);
    await admin.query("insert into outbox (id, aggregatetype, aggregateid, type, payload) values (gen_random_uuid(), 'order', '1', $1, $2)", [
      OrderPlaced.typeName,
      Buffer.from(OrderPlaced.encode({ orderId: "1", customerId: "c", totalCents: 1n })),
    ]);
    expect((await batch).records.map(({ value }) => value)).toMatchObject([{ orderId: "1" }]);
    await reader.stop();
  });

  it("says that the server does not write what is needed", async () => {
    const { server } = await serverWithRole({ wal_level: "replica" });
    const refused = {
      code: "invalid_options",
      message: "wal_level is replica, changes cannot be read: set wal_level = logical in postgresql.conf and start the server again",
    };
    await expect(outboxOf(server.url).check?.(connectorContext())).rejects.toMatchObject(refused);
    await expect(new SplitReader(outboxOf(server.url)).next()).rejects.toMatchObject(refused);
  });

  it("says what a role needs to write, at a check and at the start", async () => {
    const { server, admin, url } = await serverWithRole();
    await (await sinkOf(server.url, { createTable: true }).open(connectorContext())).close();
    const refused = (rights: string) => ({
      code: "not_authorized",
      message: `role clerk may not write to table public.articles: grant ${rights} on "public"."articles" to "clerk"`,
    });
    await expect(sinkOf(url).check?.(connectorContext())).rejects.toMatchObject(refused("select, insert, update, delete"));
    await admin.query("grant select (sku), insert on articles to clerk");
    await expect(sinkOf(url).open(connectorContext())).rejects.toMatchObject(refused("update, delete"));
    await admin.query("grant update, delete on articles to clerk");
    await sinkOf(url).check?.(connectorContext());
    await expect(sinkOf(url, { table: "others", createTable: true }).open(connectorContext())).rejects.toMatchObject({
      code: "not_authorized",
      message: expect.stringContaining("permission denied for schema public (42501)"),
    });
  });

  it("reaches a server over TLS whose certificate it trusts, and no other", async () => {
    const { server, admin } = await serverWithRole();
    const { cert, private: key } = await generate([{ name: "commonName", value: "127.0.0.1" }], {
      algorithm: "sha256",
      extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }],
    });
    const { uid, gid } = await stat(server.dataDirectory);
    for (const [name, pem] of [
      ["server.crt", cert],
      ["server.key", key],
    ] as const) {
      const path = join(server.dataDirectory, name);
      await writeFile(path, pem);
      await chown(path, uid, gid);
      await chmod(path, 0o600);
    }
    await admin.query("alter system set ssl = on");
    await admin.query("select pg_reload_conf()");
    await until(async () => (await admin.query("show ssl")).rows[0].ssl === "on");

    const over = (tls: ConnectionOptions["tls"]) => {
      const connection = { url: secretUrl(server.url), ...(tls === undefined ? {} : { tls }) };
      return postgresSink({ connection, contract: Article, table: "articles", createTable: true });
    };
    const writer = await over({ ca: cert }).open(connectorContext());
    onTestFinished(() => writer.close());
    const { rows } = await admin.query("select ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'test'");
    expect(rows).toEqual([{ ssl: true }]);
    await expect(over(true).open(connectorContext())).rejects.toThrow(/self-signed certificate/);
    await expect(over({ ca: cert, serverName: "elsewhere" }).open(connectorContext())).rejects.toThrow(/elsewhere/);
  });
});

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 10));
}
