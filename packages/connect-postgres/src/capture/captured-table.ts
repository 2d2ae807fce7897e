import { BusError } from "@org/bus-core";
import type { ClientBase } from "pg";
import { quotedTable, type TableName, tableText } from "../connection/identifier.js";

/** A table whose changes are read. */
export interface CapturedTable {
  readonly table: TableName;
  /** `public.orders` */
  readonly name: string;
  /** Columns of the primary key in its order, with their types. */
  readonly key: readonly { readonly name: string; readonly type: string }[];
}

/**
 * What is needed to know of a table.
 *
 * @throws {BusError} `invalid_options` when it is missing, has no primary key, or does not tell which row was changed
 */
export async function capturedTable(client: ClientBase, table: TableName): Promise<CapturedTable> {
  const name = tableText(table);
  const { rows } = await client.query<{ identity: string; key: { name: string; type: string }[] | null }>(
    `select c.relreplident as identity, (
       select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by k.place)
       from pg_index i, unnest(i.indkey::int2[]) with ordinality k(number, place)
       join pg_attribute a on a.attnum = k.number
       where i.indrelid = c.oid and i.indisprimary and a.attrelid = c.oid and k.place <= i.indnkeyatts
     ) as key
     from pg_class c where c.oid = to_regclass($1)`,
    [quotedTable(table)],
  );
  const [found] = rows;
  if (found === undefined) throw new BusError("invalid_options", `there is no table ${name}`);
  if (found.key === null) throw new BusError("invalid_options", `table ${name} has no primary key: its rows cannot be told apart`);
  if (found.identity !== "d" && found.identity !== "f") {
    const remedy = `alter table ${quotedTable(table)} replica identity default (or full, to have rows as they were before)`;
    throw new BusError("invalid_options", `table ${name} does not tell its primary key with its changes: ${remedy}`);
  }
  return { table, name, key: found.key };
}
