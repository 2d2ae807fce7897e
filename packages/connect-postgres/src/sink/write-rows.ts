import { type WriteOutcome, written } from "@org/bus-connect";
import type { ClientBase } from "pg";
import { databaseError, errorKind } from "../connection/database-error.js";
import type { Row } from "./row.js";
import type { WriteStatements } from "./statements.js";

/**
 * Writes rows, many with one statement. Where a row is refused, both halves of its statement are tried each for itself, down to the one row: so a bad row
 * among 500 costs some 20 statements and does not fail its neighbours. Of rows with one key the last is written; one that is refused leaves its place to the
 * one before it.
 *
 * @param outcomes gets the outcome of each row at its index
 * @throws what is not about a value of a row
 */
export async function writeRows(
  client: ClientBase,
  statements: WriteStatements,
  rows: readonly Row[],
  outcomes: WriteOutcome[],
  what: string,
): Promise<void> {
  let waiting = byKey(rows);
  while (waiting.length > 0) {
    const newest = waiting.flatMap((sameKey) => sameKey.slice(-1));
    const attempt = (some: readonly Row[], statement: string): Promise<void> => writeOrSplit(client, statement, some, outcomes, what);
    await attempt(
      newest.filter((row) => row.values !== undefined),
      statements.write,
    );
    await attempt(
      newest.filter((row) => row.values === undefined),
      statements.delete,
    );
    waiting = waiting.flatMap((sameKey) => {
      const refused = outcomes[sameKey.at(-1)?.index ?? -1]?.status === "rejected";
      const older = sameKey.slice(0, -1);
      // those that the newest has replaced
      if (!refused) for (const row of older) outcomes[row.index] = written;
      return refused && older.length > 0 ? [older] : [];
    });
  }
}

function byKey(rows: readonly Row[]): readonly (readonly Row[])[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const name = row.key.length === 1 ? (row.key[0] ?? "") : JSON.stringify(row.key);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

async function writeOrSplit(client: ClientBase, statement: string, rows: readonly Row[], outcomes: WriteOutcome[], what: string): Promise<void> {
  if (rows.length === 0) return;
  try {
    await client.query(statement, parameters(rows));
    for (const row of rows) outcomes[row.index] = written;
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

/** One array of text for each column. */
function parameters(rows: readonly Row[]): (string | null)[][] {
  const cells = rows.map((row) => row.values ?? row.key);
  return (cells[0] ?? []).map((_, column) => cells.map((row) => row[column] ?? null));
}
