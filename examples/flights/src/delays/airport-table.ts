import pg from "pg";
import type { AirportDelays } from "../gen/flights/v1/flights.js";

const schema = "bus_example_flights";

/** Where the statistics go. */
export const airportTable = `${schema}.airport_delays`;

/** Reads the table that the connector writes. */
export class AirportTable implements AsyncDisposable {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    this.#pool = new pg.Pool({ connectionString: url, max: 2 });
  }

  /** Begins anew: what earlier runs have counted is gone. */
  async clear(): Promise<void> {
    await this.#pool.query(`create schema if not exists ${schema}`);
    await this.#pool.query(`drop table if exists ${airportTable}`);
  }

  async load(origin: string): Promise<AirportDelays | undefined> {
    const { rows } = await this.#pool.query<Row>(`select * from ${airportTable} where origin = $1`, [origin]);
    return rows.map(toDelays)[0];
  }

  async all(): Promise<readonly AirportDelays[]> {
    const { rows } = await this.#pool.query<Row>(`select * from ${airportTable} order by origin`);
    return rows.map(toDelays);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.end();
  }
}

/** As pg reads it: 64-bit integers are text. */
interface Row {
  readonly origin: string;
  readonly flights: number | string;
  readonly delayed_flights: number | string;
  readonly total_delay_minutes: number;
  readonly longest_delay_minutes: number;
  readonly mean_delay_minutes: number;
  readonly deviation_minutes: number;
  readonly squared_distances: number;
  readonly last_offset: string;
}

function toDelays(row: Row): AirportDelays {
  return {
    origin: row.origin,
    flights: Number(row.flights),
    delayedFlights: Number(row.delayed_flights),
    totalDelayMinutes: row.total_delay_minutes,
    longestDelayMinutes: row.longest_delay_minutes,
    meanDelayMinutes: row.mean_delay_minutes,
    deviationMinutes: row.deviation_minutes,
    squaredDistances: row.squared_distances,
    lastOffset: Number(row.last_offset),
  };
}
