import type { Bus, Consumption, Delivery } from "@org/bus-core";
import { filterMessages, mapKeyed, mapMessages, publishTo, stream } from "@org/bus-streams";
import { QuakeAlert, type QuakeAlertInit, QuakeReported } from "../gen/quakes/v1/quakes.js";
import type { Assessment } from "./assess.js";

/** The magnitude from which a quake is worth an alert. */
export const alertMagnitude = 4.5;

/**
 * Assesses every quake, many networks at once but the quakes of one network one after the other, in their order, and publishes an alert
 * for the strong ones.
 */
export function raiseAlerts(bus: Bus, assess: (quake: QuakeReported, delivery: Delivery<QuakeReported>) => Promise<Assessment>): Consumption {
  return stream(bus, QuakeReported, { group: "quake-alerts" })
    .pipe(
      mapKeyed(assess, { concurrency: 64 }),
      filterMessages(({ quake }) => quake.magnitude >= alertMagnitude),
      mapMessages(toAlert),
      publishTo(QuakeAlert),
    )
    .run();
}

function toAlert({ quake, peopleExposed }: Assessment): QuakeAlertInit {
  const { id, network, magnitude, time, location, place } = quake;
  const summary = `M ${magnitude.toFixed(1)}, ${place ?? "place unknown"}`;
  return { id, network, magnitude, summary, peopleExposed, ...(time && { time }), ...(location && { location }) };
}
