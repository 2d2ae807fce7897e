import type { Bus, Consumption, Delivery } from "@org/bus-core";
import { stream, tapMessages } from "@org/bus-streams";
import { QuakeReported } from "../gen/quakes/v1/quakes.js";

/** Counts every quake: a group of its own, so it gets all reports, whatever other groups do with them. */
export function countQuakes(bus: Bus, count: (quake: QuakeReported, delivery: Delivery<QuakeReported>) => void): Consumption {
  return stream(bus, QuakeReported, { group: "quake-counts" }).pipe(tapMessages(count)).run();
}
