import type { ConnectRecord, Transform } from "@org/bus-connect";
import type { AirportDelays, FlightFlown } from "../gen/flights/v1/flights.js";
import { withFlight } from "./running-delays.js";

/**
 * Keeps the statistics of each airport, and hands on what they have become with each flight.
 *
 * The row of an airport says up to which offset it has counted. So after a crash, `load` gives back the last row that was written, and the flights that come
 * again from before it are not counted twice: the table is right although records may be delivered more than once. That holds for one process; where several
 * share the partitions, one would count on from what it knew before the airport was another's.
 *
 * @param load the row of an airport, where there is one
 */
export function delayStatistics(load: (origin: string) => Promise<AirportDelays | undefined>): Transform<FlightFlown, AirportDelays> {
  const airports = new Map<string, AirportDelays>();

  const count = (record: ConnectRecord<FlightFlown>, before: AirportDelays | undefined) => {
    const { origin, delayMinutes } = record.value;
    const offset = record.origin?.offset ?? 0;
    const isCounted = before !== undefined && offset <= before.lastOffset;
    const after = isCounted ? before : withFlight(before, origin, delayMinutes, offset);
    airports.set(origin, after);
    return [{ ...record, value: after }];
  };

  return {
    name: "delay statistics",
    apply(record) {
      const { origin } = record.value;
      const known = airports.get(origin);
      return known === undefined ? load(origin).then((row) => count(record, row)) : count(record, known);
    },
  };
}
