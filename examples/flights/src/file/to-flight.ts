import type { ConnectRecord } from "@org/bus-connect";
import type { FlightFlownInit } from "../gen/flights/v1/flights.js";
import type { FlightRow } from "./flights-file.js";

/** A row of the file as a message; what is wrong with it the contract will say. */
export function toFlight({ date, delay, distance, origin, destination }: FlightRow, { id }: ConnectRecord<FlightRow>): FlightFlownInit {
  return {
    row: Number(id.slice(id.lastIndexOf(":") + 1)),
    origin,
    destination,
    departure: date,
    delayMinutes: Number(delay),
    distanceMiles: Number(distance),
  };
}
