import type { ClientBase } from "pg";
import { parse as parseArray } from "postgres-array";
import type { ColumnValue } from "./change.js";

type Parser = (text: string) => ColumnValue;

const BASE: Readonly<Record<number, Parser>> = {
  16: (text) => text === "t",
  17: (text) => Buffer.from(text.slice(2), "hex"),
  20: BigInt,
  21: Number,
  23: Number,
  26: Number,
  114: (text) => JSON.parse(text),
  700: Number,
  701: Number,
  1184: timestampOf,
  3802: (text) => JSON.parse(text),
};

/** How values are read from text, by the oid of their type; arrays and domains as what they are made of. */
export type ValueParsers = (typeOid: number) => Parser;

/** Asks the database for its arrays and domains. */
export async function valueParsers(client: ClientBase): Promise<ValueParsers> {
  const { rows } = await client.query<{ oid: string; base: string; element: string }>(
    "select oid, typbasetype as base, case when typcategory = 'A' then typelem else 0 end as element from pg_type where typbasetype <> 0 or typcategory = 'A'",
  );
  const made = new Map(rows.map(({ oid, base, element }) => [Number(oid), { base: Number(base), element: Number(element) }]));
  const parsers = new Map<number, Parser>();
  const parserOf = (oid: number): Parser => {
    const known = parsers.get(oid);
    if (known !== undefined) return known;
    const { base = 0, element = 0 } = made.get(oid) ?? {};
    const parser = base !== 0 ? parserOf(base) : element !== 0 ? arrayOf(parserOf(element)) : (BASE[oid] ?? String);
    parsers.set(oid, parser);
    return parser;
  };
  return parserOf;
}

function arrayOf(item: Parser): Parser {
  return (text) => parseArray(text, (part) => item(part)) as readonly ColumnValue[];
}

/** `2026-11-28 16:00:00.000001+00`: the session is in UTC. */
function timestampOf(text: string): ColumnValue {
  const [, date, fraction = ""] = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(?:\.(\d{1,6}))?\+00$/.exec(text) ?? [];
  if (date === undefined) return text;
  const seconds = BigInt(Date.parse(`${date.replace(" ", "T")}Z`) / 1000);
  return { seconds, nanos: Number(fraction.padEnd(9, "0")) };
}
