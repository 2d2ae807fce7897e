import { BusError } from "@org/bus-core";
import type { ClientBase } from "pg";
import { quoted, quotedTable, type TableName, tableText } from "../connection/identifier.js";
import { createTable, type TargetColumn, type TargetTable } from "./statements.js";

/** What a sink wants its table to be. */
export interface WantedTable extends TargetTable {
  /** Whether to make it where it is missing. */
  readonly create: boolean;
  /** What is done with it: `select`, `insert`. */
  readonly rights: readonly string[];
}

/**
 * The table as it is, with the types of its columns; made where it is missing and may be.
 *
 * @throws {BusError} `not_authorized` when the role may not write to it; `invalid_options` when it is missing, or lacks a column or the unique index that a repeat is told by; says the SQL that helps
 */
export async function targetTable(client: ClientBase, wanted: WantedTable): Promise<TargetTable> {
  const { table, columns, key } = wanted;
  if (wanted.create) await create(client, wanted);
  const found = await columnsOf(client, table);
  if (found.size === 0) {
    const remedy = `make it, or set createTable: ${createTable(wanted).replace(/\s+/g, " ")}`;
    throw new BusError("invalid_options", `there is no table ${tableText(table)}; ${remedy}`);
  }
  const missing = columns.filter(({ name }) => !found.has(name));
  if (missing.length > 0) {
    const additions = missing.map(({ name, type }) => `add column ${quoted(name)} ${type}`).join(", ");
    throw new BusError("invalid_options", `table ${tableText(table)} lacks columns: alter table ${quotedTable(table)} ${additions}`);
  }
  if (!(await hasUniqueIndex(client, table, key))) {
    const remedy = `create unique index on ${quotedTable(table)} (${key.map(quoted).join(", ")})`;
    throw new BusError("invalid_options", `table ${tableText(table)} has no unique index by which a repeated row is told: ${remedy}`);
  }
  await checkRights(client, wanted);
  return { table, key, columns: columns.map(({ name, type }) => found.get(name) ?? { name, type }) };
}

/** Several processes may start at once, and `if not exists` alone fails then. */
async function create(client: ClientBase, wanted: TargetTable): Promise<void> {
  await client.query("begin");
  await client.query("select pg_advisory_xact_lock(hashtext($1))", [tableText(wanted.table)]);
  await client.query(createTable(wanted));
  await client.query("commit");
}

async function columnsOf(client: ClientBase, table: TableName): Promise<ReadonlyMap<string, TargetColumn>> {
  // with a modifier of -1 a type has no length, also where without one it would be that of one character
  const { rows } = await client.query<TargetColumn>(
    `select a.attname as name, format_type(a.atttypid, -1) as type, t.typcategory = 'A' or t.typarray = 0 or t.typdelim <> ',' as "asText"
     from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped`,
    [quotedTable(table)],
  );
  return new Map(rows.map((column) => [column.name, column]));
}

/** Rights may be of the table or of columns; which of them, a write tells. */
async function checkRights(client: ClientBase, { table, rights }: WantedTable): Promise<void> {
  const { rows } = await client.query<{ role: string; missing: string[] }>(
    `select current_user as role, array(
       select r from unnest($2::text[]) r
       where not has_table_privilege(to_regclass($1), r) and not (r <> 'delete' and has_any_column_privilege(to_regclass($1), r))
     ) as missing`,
    [quotedTable(table), rights],
  );
  const [found] = rows;
  if (found === undefined || found.missing.length === 0) return;
  const remedy = `grant ${found.missing.join(", ")} on ${quotedTable(table)} to ${quoted(found.role)}`;
  throw new BusError("not_authorized", `role ${found.role} may not write to table ${tableText(table)}: ${remedy}`);
}

async function hasUniqueIndex(client: ClientBase, table: TableName, key: readonly string[]): Promise<boolean> {
  const { rows } = await client.query<{ columns: string[] }>(
    `select array(
       select a.attname::text from unnest(i.indkey::int2[]) with ordinality k(number, place)
       join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number where k.place <= i.indnkeyatts
     ) as columns
     from pg_index i where i.indrelid = to_regclass($1) and i.indisunique and i.indpred is null and i.indexprs is null and i.indimmediate`,
    [quotedTable(table)],
  );
  return rows.some(({ columns }) => columns.length === key.length && key.every((column) => columns.includes(column)));
}
