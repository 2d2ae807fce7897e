import { z } from "zod";

/** A table and the schema that it is in. */
export interface TableName {
  readonly schema: string;
  readonly name: string;
}

const identifier = z.string().min(1).max(63, "must be at most 63 characters, as PostgreSQL cuts off what is longer");

/** `orders`, `shop.orders`, or both parts apart where a name has a dot in it. Exactly as it is written: names are quoted, so capitals count. */
export const tableOption = z
  .union([identifier.regex(/^[^.]+(\.[^.]+)?$/, 'must be "table" or "schema.table"'), z.strictObject({ schema: identifier, name: identifier })])
  .transform((table): TableName => {
    if (typeof table !== "string") return table;
    const [first = "", second] = table.split(".");
    return second === undefined ? { schema: "public", name: first } : { schema: first, name: second };
  });

/** A name as SQL takes it, whatever it holds. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A value as a literal, for statements that take no parameters. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** For SQL: `"shop"."orders"`. */
export const quotedTable = ({ schema, name }: TableName): string => `${quoted(schema)}.${quoted(name)}`;

/** For people and ids: `shop.orders`. */
export const tableText = ({ schema, name }: TableName): string => `${schema}.${name}`;
