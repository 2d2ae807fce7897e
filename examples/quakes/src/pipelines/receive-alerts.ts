import type { Bus, Consumption, Delivery } from "@org/bus-core";
import { QuakeAlert } from "../gen/quakes/v1/quakes.js";

/** Who waits for the alerts: where there is one step, a handler is all it takes. */
export function receiveAlerts(bus: Bus, receive: (alert: QuakeAlert, delivery: Delivery<QuakeAlert>) => void): Consumption {
  return bus.consume(QuakeAlert, { group: "quake-desk" }, receive);
}
