import { BUS_CONNECTOR } from "@org/bus-connect/metrics";
import { instrumentsOf } from "@org/bus-core/internal";
import { rabbitmqMetrics } from "./rabbitmq-metrics.js";

/** Connections that are blocked now, by connector; 0 once they were: what is not told any more is taken to be as it was. */
const blocked = new Map<string, number>();

const instruments = instrumentsOf("@org/bus-connect-rabbitmq", rabbitmqMetrics, (observe) => {
  for (const [connector, connections] of blocked) observe("blocked", connections, { [BUS_CONNECTOR]: connector });
});

/** A connection of `connector` is blocked (1), or not any more (-1). */
export function countBlocked(connector: string, change: 1 | -1): void {
  blocked.set(connector, (blocked.get(connector) ?? 0) + change);
  instruments();
}
