import type { WriteOutcome } from "@org/bus-connect";
import type { ClientBase } from "pg";
import { databaseError, errorKind } from "../connection/database-error.js";
import { arrayLiteral } from "./array-literal.js";
import type { Row } from "./row.js";
import type { WriteStatements } from "./statements.js";

/**
 * Writes rows, many with one statement. Where a row is refused, both halves of its statement are tried each for itself, down to the one row: so a bad row
 * among 500 costs some 20 statements and does not fail its neighbours. Of rows with one key the last is written; one that is refused leaves its place to the
 * one before it.
 *
 * @param outcomes those of rows that are refused are put in, at their index
 * @throws what is not about a value of a row
 */
export async function writeRows(
  client: ClientBase,
  statements: WriteStatements,
  rows: readonly Row[],
  outcomes: WriteOutcome[],
  what: string,
): Promise<void> {
  const attempt = async (some: readonly Row[], statement: string): Promise<void> => {
    if (some.length > 0) await writeOrSplit(client, statement, some, outcomes, what);
  };
  let left = rows;
  while (left.length > 0) {
    const { newest, older } = byAge(left);
    await attempt(
      newest.filter((row) => row.values !== undefined),
      statements.write,
    );
    await attempt(
      newest.filter((row) => row.values === undefined),
      statements.delete,
    );
    const refused = new Set(older.length === 0 ? [] : newest.filter(({ index }) => outcomes[index]?.status === "rejected").map(({ key }) => key));
    // the others the newest of their key has replaced
    left = older.filter(({ key }) => refused.has(key));
  }
}

/** The last of each key, and those before it. */
function byAge(rows: readonly Row[]): { readonly newest: readonly Row[]; readonly older: readonly Row[] } {
  const last = new Map<string, Row>();
  const older: Row[] = [];
  for (const row of rows) {
    const before = last.get(row.key);
    if (before !== undefined) older.push(before);
    last.set(row.key, row);
  }
  return { newest: older.length === 0 ? rows : [...last.values()], older };
}

async function writeOrSplit(client: ClientBase, statement: string, rows: readonly Row[], outcomes: WriteOutcome[], what: string): Promise<void> {
  try {
    await client.query(statement, parameters(rows));
  } catch (error) {
    if (errorKind(error) !== "value") throw error;
    const [first] = rows;
    if (rows.length === 1 && first !== undefined) {
      outcomes[first.index] = { status: "rejected", error: databaseError(error, what) };
      return;
    }
    const middle = rows.length >> 1;
    await writeOrSplit(client, statement, rows.slice(0, middle), outcomes, what);
    await writeOrSplit(client, statement, rows.slice(middle), outcomes, what);
  }
}

/** One array for each column; of what is to be deleted, the key is one column. */
function parameters(rows: readonly Row[]): string[] {
  const columns = rows[0]?.values;
  if (columns === undefined) return [arrayLiteral(rows, ({ key }) => key)];
  return columns.map((_, column) => arrayLiteral(rows, ({ values }) => values?.[column]));
}
