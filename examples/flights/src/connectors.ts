import { type Connector, defineConnector, fromTopic, map, type Secret, toTopic } from "@org/bus-connect";
import { fileSource } from "@org/bus-connect-file";
import { postgresSink } from "@org/bus-connect-postgres";
import { airportTable } from "./delays/airport-table.js";
import { delayStatistics } from "./delays/delay-statistics.js";
import { firstRows } from "./file/first-rows.js";
import { type FlightRow, flightsFile } from "./file/flights-file.js";
import { toFlight } from "./file/to-flight.js";
import { AirportDelays, FlightFlown } from "./gen/flights/v1/flights.js";

/** The file onto the topic. Rows and the position behind them go in one transaction, so each flight is on the topic once. */
export function flightsToTopic(run: string, rows: number | undefined): Connector {
  const file = fileSource<FlightRow>({ path: flightsFile });
  return defineConnector({
    name: `flights-file-${run}`,
    source: rows === undefined ? file : firstRows(file, rows),
    transforms: [map(toFlight)],
    // a transaction costs some round trips, whatever is in it
    sink: toTopic(FlightFlown, { transactionMaxRecords: 5000 }),
  });
}

/** The topic into the table, over the statistics. Flights of earlier runs are not read. */
export function topicToTable(
  run: string,
  since: Date,
  connection: { readonly url: Secret; readonly load: (origin: string) => Promise<AirportDelays | undefined> },
): Connector {
  return defineConnector({
    name: `flight-delays-${run}`,
    source: fromTopic(FlightFlown, { from: since }),
    transforms: [delayStatistics(connection.load)],
    sink: postgresSink({ connection: { url: connection.url }, contract: AirportDelays, table: airportTable, key: ["origin"], createTable: true }),
  });
}
