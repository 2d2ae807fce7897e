import { parseArgs } from "node:util";

export interface CommandLine {
  /** How many flights, from the first on; undefined: all. */
  readonly rows: number | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

export const help = `Three million real flights: out of a Parquet file, checked against their contract, onto a topic of Kafka; from there, in order per
airport, into running statistics of delays, which are upserted into PostgreSQL. In the end the table is compared with a plain count over the file.

Usage: npm run example:flights -- [options]

Options:
  --rows N  the first N flights only
  --json    print one JSON document and nothing else
  --help    print this

Environment:
  KAFKA_BROKERS   a Kafka that already runs (host:port, comma separated); else one is started for this run (needs Java 17 and Maven)
  POSTGRES_URL    a PostgreSQL that already runs; else one is started for this run (needs its programs on the machine). Its table
                  bus_example_flights.airport_delays is made anew.
  NO_COLOR        no colours

Exit code: 0 when everything adds up, 1 when not, 2 for an unknown option, 130 when interrupted.
`;

/** @throws {TypeError} for an option that there is not */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false, short: "h" },
    },
  });
  const { rows, json, help } = values;
  if (rows !== undefined && !/^[1-9]\d*$/.test(rows)) throw new TypeError(`--rows ${rows} must be a number >= 1`);
  return { rows: rows === undefined ? undefined : Number(rows), json, help };
}
