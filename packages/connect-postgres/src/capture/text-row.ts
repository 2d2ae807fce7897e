import type { Pgoutput } from "pg-logical-replication";
import type { ColumnValue, Row } from "./change.js";
import type { ValueParsers } from "./value-parsers.js";

/** Values as PostgreSQL writes them; undefined: it was not told, because it did not change. */
export type TextRow = Readonly<Record<string, string | null | undefined>>;

export interface ReadColumn {
  readonly name: string;
  readonly typeOid: number;
}

export const columnsOf = (relation: Pgoutput.MessageRelation): readonly ReadColumn[] =>
  relation.columns.map(({ name, typeOid }) => ({ name, typeOid: typeOid >>> 0 }));

/** The values of a row; columns that were not told are left out. */
export function rowOf(text: TextRow, columns: readonly ReadColumn[], parsers: ValueParsers): Row {
  const row: Record<string, ColumnValue> = {};
  for (const { name, typeOid } of columns) {
    const value = text[name];
    if (value !== undefined) row[name] = value === null ? null : parsers(typeOid)(value);
  }
  return row;
}
