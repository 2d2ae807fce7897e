import type { Bus } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { type Connector, declared } from "../define/define-connector.js";
import { ConnectorRun } from "./connector-run.js";
import { type RunOptions, runOptions } from "./run-options.js";
import type { RunningConnector } from "./running-connector.js";

/**
 * Starts a connector in this process. It ends with the bus.
 *
 * @throws {BusError} `invalid_options`, `closed`
 */
export function runConnector(bus: Bus, connector: Connector, options: RunOptions = {}): RunningConnector {
  const { positions, deadLetters } = resolveOptions("runConnector", runOptions, options);
  const definition = declared(connector);
  return new ConnectorRun(bus, definition, positions, deadLetters);
}
