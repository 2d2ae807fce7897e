import { fileURLToPath } from "node:url";

/** Where the flights lie: 13 MB of Parquet with Zstandard, 11 row groups. */
export const flightsFile = fileURLToPath(new URL("../data/flights-3m.parquet", import.meta.resolve("vega-datasets")));

/** One row of it. */
export interface FlightRow {
  /** A clock without a zone, read as UTC. */
  readonly date: Date;
  /** Minutes. */
  readonly delay: bigint;
  /** Miles. */
  readonly distance: bigint;
  readonly origin: string;
  readonly destination: string;
}
