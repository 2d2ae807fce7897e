import { parseArgs } from "node:util";

export interface CommandLine {
  /** How long orders are placed and the relay is killed, in seconds. */
  readonly seconds: number;
  /** From one kill to the next, in ms. */
  readonly killEveryMs: number;
  /** Instead of that: how often the relay is killed, each time as soon as it has published something. */
  readonly kills: number | undefined;
  readonly json: boolean;
  readonly help: boolean;
}

export const help = `A shop writes each order and its event in one transaction of PostgreSQL. A relay publishes the events to Kafka, and is killed with -9 again and
again. In the end a client that shares nothing with the bus compares the topic with the shop's table: each order is there once.

Usage: npm run example:outbox -- [options]

Options:
  --seconds N        how long orders are placed and the relay is killed (60)
  --kill-every-ms N  from one kill to the next (2000)
  --kills N          instead of that: kill it N times, each time as soon as it has published something, and sell until then
  --json             print one JSON document and nothing else
  --help             print this

Environment:
  KAFKA_BROKERS   a Kafka that already runs (host:port, comma separated); else one is started for this run (needs Java 17 and Maven).
                  Its topic orders.placed.v1 is made anew.
  POSTGRES_URL    a PostgreSQL that already runs, with wal_level=logical; else one is started for this run (needs its programs on the machine).
                  Its schema shop is made anew.
  NO_COLOR        no colours

Exit code: 0 when each order was published once, 1 when not, 2 for an unknown option, 130 when interrupted.
`;

/** @throws {TypeError} for an option that there is not */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "60" },
      "kill-every-ms": { type: "string", default: "2000" },
      kills: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false, short: "h" },
    },
  });
  const number = (name: "seconds" | "kill-every-ms" | "kills", text: string): number => {
    if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`--${name} ${text} must be a number >= 1`);
    return Number(text);
  };
  return {
    seconds: number("seconds", values.seconds),
    killEveryMs: number("kill-every-ms", values["kill-every-ms"]),
    kills: values.kills === undefined ? undefined : number("kills", values.kills),
    json: values.json,
    help: values.help,
  };
}
