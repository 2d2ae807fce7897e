import { startPostgres } from "@org/bus-testkit/postgres";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { canStartPostgres } from "./postgres.js";

describe.skipIf(!canStartPostgres())("startPostgres", () => {
  it("replicates logically, and has its data again after a crash", async () => {
    await using server = await startPostgres();
    const query = async (text: string) => {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      return client.query(text).finally(() => client.end());
    };
    expect((await query("show wal_level")).rows).toEqual([{ wal_level: "logical" }]);
    await query("create table kept (value int); insert into kept values (1)");

    await server.crash();
    await expect(query("select 1")).rejects.toThrow("ECONNREFUSED");

    await server.restart();
    expect((await query("select value from kept")).rows).toEqual([{ value: 1 }]);
  });
});
