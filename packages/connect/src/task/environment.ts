import { metrics } from "@opentelemetry/api";
import type { Bus } from "@org/bus-core";
import { busInternals, type ConsumeDependencies } from "@org/bus-core/internal";
import type { ConnectorContext } from "../context.js";
import type { ResolvedConnector } from "../define/options.js";
import { loggerWith } from "./task-logger.js";
import type { TaskStats } from "./task-stats.js";

/** What one opening of a task works with. */
export interface TaskEnvironment {
  readonly connector: ResolvedConnector;
  /** The split, or `topic`. */
  readonly task: string;
  readonly dependencies: ConsumeDependencies;
  readonly stats: TaskStats;
  /** For source and sink. */
  readonly context: ConnectorContext;
  /** Fires `context.signal`: what is still under way no longer counts. */
  end(): void;
}

export const METER = "@org/bus-connect";

/** The bus as a task of a connector sees it: each line of its log says which task it is. */
export function taskEnvironment(bus: Bus, connector: ResolvedConnector, task: string, stats: TaskStats, ending: AbortController): TaskEnvironment {
  const internals = busInternals(bus);
  const logger = loggerWith(internals.logger, { connector: connector.name, task });
  return {
    connector,
    task,
    stats,
    dependencies: { ...internals, logger },
    end: () => ending.abort(),
    context: { connector: connector.name, signal: ending.signal, logger, meter: metrics.getMeter(METER), clock: internals.clock },
  };
}
