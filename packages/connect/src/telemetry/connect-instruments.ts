import { instrumentsOf } from "@org/bus-core/internal";
import type { ConnectorOwner } from "../define/owner-of.js";
import type { ConnectorStatus } from "../run/status.js";
import { BUS_CONNECTOR, BUS_OWNER_CHANNEL, BUS_OWNER_TEAM, BUS_TASK_STATE, connectMetrics } from "./connect-metrics.js";

/** A connector whose state is read when metrics are collected. */
export interface Observed {
  readonly owner: ConnectorOwner | undefined;
  status(): ConnectorStatus;
  now(): number;
}

const observed = new Set<Observed>();
const taskStates = ["starting", "running", "paused", "restarting", "failed", "completed", "stopped", "waiting"] as const;

/** From now on it is read, as long as the process lives: one that has failed must be seen to have. */
export function observeConnector(connector: Observed): void {
  observed.add(connector);
  connectInstruments();
}

/** The instruments of this package, undefined where no SDK for metrics is registered. */
export const connectInstruments = instrumentsOf("@org/bus-connect", connectMetrics, (observe) => {
  for (const connector of observed) {
    const { name, healthy, tasks } = connector.status();
    const { owner } = connector;
    const attributes = { [BUS_CONNECTOR]: name, ...(owner && { [BUS_OWNER_TEAM]: owner.team, [BUS_OWNER_CHANNEL]: owner.channel }) };
    for (const state of taskStates) {
      observe("tasks", tasks.filter((task) => task.state === state).length, { ...attributes, [BUS_TASK_STATE]: state });
    }
    observe("unhealthy", healthy ? 0 : 1, attributes);
    observe("stalled", tasks.filter(({ stalled }) => stalled).length, attributes);
    observe(
      "inFlight",
      tasks.reduce((sum, { inFlight }) => sum + inFlight, 0),
      attributes,
    );
    const last = tasks.map(({ lastReadAt, since }) => lastReadAt ?? since);
    if (last.length > 0) observe("lastRecordAge", Math.max(0, connector.now() - Math.max(...last)) / 1_000, attributes);
    const lags = tasks.flatMap(({ lag }) => lag ?? []);
    if (lags.length > 0)
      observe(
        "lag",
        lags.reduce((sum, lag) => sum + lag, 0),
        attributes,
      );
  }
});
