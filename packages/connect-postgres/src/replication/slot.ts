import { BusError } from "@org/bus-core";
import type { ClientBase } from "pg";
import { isRefused } from "../connection/database-error.js";
import { literal, quoted, quotedTable, type TableName, tableText } from "../connection/identifier.js";
import { parseLsn } from "./lsn.js";
import type { Place } from "./place.js";

/** What is needed in a database so that its changes can be read. */
export interface SlotSetup {
  readonly slot: string;
  readonly publication: string;
  readonly tables: readonly TableName[];
  /** What is published: `insert`, `insert, update, delete, truncate`. */
  readonly operations: string;
  /** Whether to make the publication and the slot where they are missing. */
  readonly create: boolean;
}

/**
 * Sees to it that the slot and its publication are there, and finds out where to begin.
 *
 * @param stored the place that was stored; undefined: begin where the slot is
 * @throws {BusError} `invalid_options` when the database is not set up, or when the slot no longer has what comes behind `stored`
 */
export async function prepareSlot(client: ClientBase, setup: SlotSetup, stored: Place | undefined): Promise<Place> {
  await checkServer(client);
  // first the publication: a slot cannot decode what was written before its publication was there
  await preparePublication(client, setup);
  const found = await slotPlace(client, setup.slot);
  if (found !== undefined && stored !== undefined && found.lsn > stored.lsn) {
    throw gap(setup.slot, "has gone on without this connector");
  }
  if (found !== undefined) return stored ?? found;
  if (stored !== undefined) throw gap(setup.slot, "is gone");
  if (!setup.create) {
    throw new BusError("invalid_options", `there is no slot: select pg_create_logical_replication_slot(${literal(setup.slot)}, 'pgoutput')`);
  }
  await client.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [setup.slot]);
  return prepareSlot(client, { ...setup, create: false }, undefined);
}

/**
 * What must be so before anything is made.
 *
 * @throws {BusError} `invalid_options`; says what to do
 */
export async function checkSlot(client: ClientBase, setup: SlotSetup): Promise<void> {
  await checkServer(client);
  for (const table of setup.tables) {
    const { rows: found } = await client.query<{ found: boolean }>("select to_regclass($1) is not null as found", [quotedTable(table)]);
    if (found[0]?.found !== true) throw new BusError("invalid_options", `there is no table ${tableText(table)}`);
  }
  const hasSlot = (await slotPlace(client, setup.slot)) !== undefined;
  if (!hasSlot && !setup.create) {
    throw new BusError("invalid_options", `there is no slot: select pg_create_logical_replication_slot(${literal(setup.slot)}, 'pgoutput')`);
  }
}

/** What replication needs of the server and of the role. */
async function checkServer(client: ClientBase): Promise<void> {
  const { rows } = await client.query<{ level: string; role: string; replicates: boolean }>(
    "select current_setting('wal_level') as level, rolname as role, rolreplication or rolsuper as replicates from pg_roles where rolname = current_user",
  );
  const [found] = rows;
  if (found?.level !== "logical") {
    const remedy = "set wal_level = logical in postgresql.conf and start the server again";
    throw new BusError("invalid_options", `wal_level is ${found?.level}, changes cannot be read: ${remedy}`);
  }
  if (!found.replicates) {
    const remedy = `alter role ${quoted(found.role)} replication, or read the outbox by polling (postgresOutboxPolling)`;
    throw new BusError("not_authorized", `role ${found.role} may not replicate: ${remedy}`);
  }
}

async function preparePublication(client: ClientBase, { publication, tables, operations, create }: SlotSetup): Promise<void> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `select n.nspname as schema, c.relname as name
     from pg_publication p, lateral pg_get_publication_tables(p.pubname) t join pg_class c on c.oid = t.relid join pg_namespace n on n.oid = c.relnamespace
     where p.pubname = $1`,
    [publication],
  );
  const list = tables.map(quotedTable).join(", ");
  const statement = `create publication ${quoted(publication)} for table ${list} with (publish = ${literal(operations)}, publish_via_partition_root = true)`;
  const isThere = rows.length > 0 || (await client.query("select from pg_publication where pubname = $1", [publication])).rowCount === 1;
  if (!isThere && !create) throw new BusError("invalid_options", `there is no publication: ${statement}`);
  if (!isThere) {
    await client.query(statement).catch((error: unknown) => {
      if (!isRefused(error)) throw error;
      throw new BusError("not_authorized", `the role may not make publication ${publication}, have the owner of the tables do it: ${statement}`);
    });
    return;
  }
  const missing = tables.filter((table) => !rows.some((row) => row.schema === table.schema && row.name === table.name));
  if (missing.length > 0) {
    const remedy = `alter publication ${quoted(publication)} add table ${missing.map(quotedTable).join(", ")}`;
    throw new BusError("invalid_options", `publication ${publication} lacks ${missing.map(tableText).join(", ")}: ${remedy}`);
  }
}

/** How far a slot is confirmed; undefined where there is none. */
async function slotPlace(client: ClientBase, slot: string): Promise<Place | undefined> {
  const { rows } = await client.query<{ plugin: string; lsn: string | null; status: string | null; here: boolean }>(
    `select plugin, confirmed_flush_lsn::text as lsn, wal_status as status, database = current_database() as here
     from pg_replication_slots where slot_name = $1`,
    [slot],
  );
  const [found] = rows;
  if (found === undefined) return undefined;
  if (found.plugin !== "pgoutput" || !found.here) {
    const what = found.here ? `is of ${found.plugin}, not pgoutput` : "belongs to another database";
    throw new BusError("invalid_options", `slot ${slot} ${what}, choose another name`);
  }
  if (found.lsn === null || found.status === "lost") throw gap(slot, "has lost its log (see max_slot_wal_keep_size)");
  return { lsn: parseLsn(found.lsn), changes: 0 };
}

function gap(slot: string, what: string): BusError {
  const remedy = "changes are missing; clear the stored position (and drop the slot, where it is there) to begin anew";
  return new BusError("invalid_options", `replication slot ${slot} ${what}: ${remedy}`);
}
