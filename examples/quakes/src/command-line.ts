import { parseArgs } from "node:util";

export interface CommandLine {
  readonly kafka: boolean;
  readonly json: boolean;
  readonly help: boolean;
}

export const help = `A week of real earthquakes on the bus: checked against their contract, published, assessed in order per network,
turned into alerts, counted. In memory unless told otherwise.

Usage: npm start -- [options]

Options:
  --kafka   on a real Kafka: the one that KAFKA_BROKERS names (host:port, comma separated), else one that is started for
            this run (needs Java 17 and Maven)
  --json    print one JSON document and nothing else
  --help    print this

Environment:
  KAFKA_BROKERS                 a Kafka that already runs
  OTEL_EXPORTER_OTLP_ENDPOINT   where traces go, such as http://127.0.0.1:4318
  NO_COLOR                      no colours

Exit code: 0 when everything adds up, 1 when not, 2 for an unknown option, 130 when interrupted,
141 when stdout was closed before the end.
`;

/** @throws {TypeError} for an option that there is not */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kafka: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false, short: "h" },
    },
  });
  return values;
}
