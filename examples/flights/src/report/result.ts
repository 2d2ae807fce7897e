import type { AirportDelays } from "../gen/flights/v1/flights.js";
import type { PlainCount } from "./expectation.js";

/** What a finished run has made. */
export interface Result {
  readonly flights: number;
  readonly airports: readonly AirportDelays[];
  readonly elapsedMs: number;
  /** The most memory that this process has had, in bytes, without the Kafka and the PostgreSQL that it has started. */
  readonly peakMemoryBytes: number;
}

const compared = ["flights", "delayedFlights", "totalDelayMinutes", "longestDelayMinutes"] as const;

/** Every figure of the table that a plain count does not bear out. */
export function discrepancies({ airports }: Pick<Result, "airports">, expected: ReadonlyMap<string, PlainCount>): readonly string[] {
  const found = new Map(airports.map((airport) => [airport.origin, airport]));
  const origins = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return origins.flatMap((origin) => {
    const actual = found.get(origin);
    const count = expected.get(origin);
    const wrong = compared
      .filter((figure) => actual?.[figure] !== count?.[figure])
      .map((figure) => `${origin}: ${figure} ${actual?.[figure] ?? "none"}, but the file says ${count?.[figure] ?? "none"}`);
    const mean = count === undefined ? Number.NaN : count.totalDelayMinutes / count.flights;
    const isMeanOff = wrong.length === 0 && Math.abs((actual?.meanDelayMinutes ?? Number.NaN) - mean) > 1e-6;
    return isMeanOff ? [`${origin}: mean ${actual?.meanDelayMinutes}, but the file says ${mean}`] : wrong;
  });
}
