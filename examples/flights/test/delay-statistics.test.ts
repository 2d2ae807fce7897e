import { ROOT_CONTEXT } from "@opentelemetry/api";
import type { ConnectRecord } from "@org/bus-connect";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { delayStatistics } from "../src/delays/delay-statistics.js";
import type { AirportDelays, FlightFlown } from "../src/gen/flights/v1/flights.js";

function flight(origin: string, delayMinutes: number, offset: number): ConnectRecord<FlightFlown> {
  const value = { row: offset + 1, origin, destination: "SFO", departure: { seconds: 0n, nanos: 0 }, delayMinutes, distanceMiles: 1 };
  return {
    value,
    id: `flights[0]@${offset}`,
    key: origin,
    timestamp: 0,
    headers: {},
    context: ROOT_CONTEXT,
    origin: { topic: "flights", partition: 0, offset },
  };
}

const delays = fc.array(fc.record({ origin: fc.constantFrom("ATL", "ORD", "DFW"), delay: fc.integer({ min: -200, max: 2000 }) }), {
  minLength: 1,
  maxLength: 60,
});

describe("delayStatistics", () => {
  test("are those of a plain count, although flights come again after crashes that lost what had not been written", async () => {
    await fc.assert(
      fc.asyncProperty(
        delays,
        fc.array(fc.record({ upTo: fc.nat(60), written: fc.nat(60), stored: fc.nat(60) }), { maxLength: 5 }),
        async (list, crashes) => {
          const table = new Map<string, AirportDelays>();
          const flights = list.map(({ origin, delay }, offset) => flight(origin, delay, offset));
          let from = 0;
          for (const { upTo, written, stored } of [...crashes, { upTo: Infinity, written: Infinity, stored: 0 }]) {
            const transform = delayStatistics(async (origin) => table.get(origin));
            for (const [index, record] of flights.slice(from, Math.max(from, upTo)).entries()) {
              const [made] = await transform.apply(record, new AbortController().signal);
              // the sink writes in order, and the crash comes before it has written all
              if (made !== undefined && index < written) table.set(made.value.origin, made.value);
            }
            // never ahead of what is written
            from = Math.min(from + Math.min(stored, written), upTo, flights.length);
          }
          for (const origin of new Set(list.map((one) => one.origin))) {
            const own = list.filter((one) => one.origin === origin).map(({ delay }) => delay);
            const mean = own.reduce((sum, delay) => sum + delay, 0) / own.length;
            const variance = own.reduce((sum, delay) => sum + (delay - mean) ** 2, 0) / own.length;
            expect(table.get(origin)).toMatchObject({
              flights: own.length,
              delayedFlights: own.filter((delay) => delay > 15).length,
              totalDelayMinutes: own.reduce((sum, delay) => sum + delay, 0),
              longestDelayMinutes: Math.max(...own),
            });
            expect(table.get(origin)?.meanDelayMinutes).toBeCloseTo(mean, 6);
            expect(table.get(origin)?.deviationMinutes).toBeCloseTo(Math.sqrt(variance), 4);
          }
        },
      ),
    );
  });
});
