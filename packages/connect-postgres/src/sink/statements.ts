import { quoted, quotedTable, type TableName } from "../connection/identifier.js";

export interface TargetColumn {
  readonly name: string;
  /** Without a length: a cast to `varchar(3)` would cut off what is longer, where the column itself refuses it. */
  readonly type: string;
  /** It has no array of its own that `unnest` would take apart again: values travel as text, and are cast one by one. */
  readonly asText?: boolean;
}

/** The table that a sink writes to, as it is. */
export interface TargetTable {
  readonly table: TableName;
  /** In the order of the parameters. */
  readonly columns: readonly TargetColumn[];
  /** Names of those that identify a row. */
  readonly key: readonly string[];
}

export interface WriteStatements {
  /** Takes one array for each column; NULL in it is NULL. */
  readonly write: string;
  /** Takes one array for each column of the key, in its order. */
  readonly delete: string;
}

export interface StatementOptions {
  readonly mode: "insert" | "upsert";
  /** A column that never goes back; a row is left as it is where its own is greater. */
  readonly newerBy?: string | undefined;
}

/** All values travel in one array for each column, so that a statement is the same for any number of rows. */
export function writeStatements({ table, columns, key }: TargetTable, { mode, newerBy }: StatementOptions): WriteStatements {
  const name = quotedTable(table);
  const keyNames = key.map(quoted).join(", ");
  const keyColumns = key.flatMap((part) => columns.filter((column) => column.name === part));
  const kept = columns.filter((column) => !key.includes(column.name)).map((column) => quoted(column.name));
  const isNewer = newerBy === undefined ? "" : ` where t.${quoted(newerBy)} is null or t.${quoted(newerBy)} <= excluded.${quoted(newerBy)}`;
  const conflict =
    mode === "insert" || kept.length === 0
      ? "do nothing"
      : `do update set ${kept.map((column) => `${column} = excluded.${column}`).join(", ")}${isNewer}`;
  return {
    write: `insert into ${name} as t (${columns.map((column) => quoted(column.name)).join(", ")}) ${rows(columns)} on conflict (${keyNames}) ${conflict}`,
    delete: `delete from ${name} where (${keyNames}) in (${rows(keyColumns)})`,
  };
}

function rows(columns: TargetTable["columns"]): string {
  const values = columns.map(({ type, asText }, index) => (asText ? `c${index}::${type}` : `c${index}`)).join(", ");
  const parameters = columns.map(({ type, asText }, index) => `$${index + 1}::${asText ? "text" : type}[]`).join(", ");
  const names = columns.map((_, index) => `c${index}`).join(", ");
  return `select ${values} from unnest(${parameters}) as r(${names})`;
}

/** What makes the table where there is none. */
export function createTable({ table, columns, key }: TargetTable): string {
  const definitions = columns.map((column) => `${quoted(column.name)} ${column.type}`);
  return `create table if not exists ${quotedTable(table)} (\n  ${[...definitions, `primary key (${key.map(quoted).join(", ")})`].join(",\n  ")}\n)`;
}
