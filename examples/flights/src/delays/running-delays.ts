import type { AirportDelays } from "../gen/flights/v1/flights.js";

/** A flight that arrives later than this many minutes counts as delayed. */
export const delayedFromMinutes = 15;

const none = { flights: 0, delayedFlights: 0, totalDelayMinutes: 0, longestDelayMinutes: -Infinity, meanDelayMinutes: 0, squaredDistances: 0 };

/** The statistics of an airport with one more flight, by the algorithm of B. P. Welford (1962), which needs no second pass and loses no digits. */
export function withFlight(before: AirportDelays | undefined, origin: string, delayMinutes: number, offset: number): AirportDelays {
  const { flights: earlier, delayedFlights, totalDelayMinutes, longestDelayMinutes, meanDelayMinutes, squaredDistances } = before ?? none;
  const flights = earlier + 1;
  const distance = delayMinutes - meanDelayMinutes;
  const mean = meanDelayMinutes + distance / flights;
  const squared = squaredDistances + distance * (delayMinutes - mean);
  return {
    origin,
    flights,
    delayedFlights: delayedFlights + (delayMinutes > delayedFromMinutes ? 1 : 0),
    totalDelayMinutes: totalDelayMinutes + delayMinutes,
    longestDelayMinutes: Math.max(longestDelayMinutes, delayMinutes),
    meanDelayMinutes: mean,
    squaredDistances: squared,
    deviationMinutes: Math.sqrt(squared / flights),
    lastOffset: offset,
  };
}
