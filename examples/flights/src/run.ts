import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type RunningConnector, runConnector, secret } from "@org/bus-connect";
import type { Bus } from "@org/bus-core";
import { flightsToTopic, topicToTable } from "./connectors.js";
import type { AirportTable } from "./delays/airport-table.js";
import { FlightFlown } from "./gen/flights/v1/flights.js";
import { recordsWritten } from "./report/progress.js";

/** The two connectors at work. */
export interface Run {
  readonly toTopic: RunningConnector;
  readonly toTable: RunningConnector;
  /** Resolves when every flight of the file has been counted; rejects when a connector has failed, or when `signal` fires. */
  readonly complete: Promise<void>;
}

/** The environment variable that the secret of the connection is read from. */
export const postgresVariable = "FLIGHTS_POSTGRES_URL";

/** Starts both connectors. They end with the bus. */
export async function startRun(bus: Bus, table: AirportTable, rows: number | undefined, signal: AbortSignal): Promise<Run> {
  await table.clear();
  await bus.topics.ensure([FlightFlown]);
  const run = randomUUID().slice(0, 8);
  const since = new Date();
  const toTable = runConnector(bus, topicToTable(run, since, { url: secret(postgresVariable), load: (origin) => table.load(origin) }));
  const toTopic = runConnector(bus, flightsToTopic(run, rows));
  return { toTopic, toTable, complete: whenComplete(toTopic, toTable, signal) };
}

async function whenComplete(toTopic: RunningConnector, toTable: RunningConnector, signal: AbortSignal): Promise<void> {
  // a topic has no end: what is written says when all of it has been
  const counted = async () => {
    await toTopic.finished;
    while (recordsWritten(toTable) < recordsWritten(toTopic)) await delay(50, undefined, { signal });
  };
  const interrupted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  await Promise.race([counted(), toTable.finished.then(() => Promise.reject(new Error("the connector to the table has ended"))), interrupted]);
}
