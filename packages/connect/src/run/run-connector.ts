import type { Bus } from "@org/bus-core";
import { resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import { type Connector, declared } from "../define/define-connector.js";
import type { PositionStore } from "../positions/position-store.js";
import { topicPositions } from "../positions/topic/topic-positions.js";
import { ConnectorRun } from "./connector-run.js";
import type { RunningConnector } from "./running-connector.js";

export const runOptions = z.strictObject({
  positions: z
    .custom<PositionStore>(
      (value) => typeof value === "object" && value !== null && "open" in value,
      "must be a PositionStore, such as filePositions(path)",
    )
    .default(() => topicPositions())
    .describe("Where positions of sources that are no topics are kept; those in a topic spread the splits over processes, too."),
});

export type RunOptions = z.input<typeof runOptions>;

/**
 * Starts a connector in this process. It ends with the bus.
 *
 * @throws {BusError} `invalid_options`, `closed`
 */
export function runConnector(bus: Bus, connector: Connector, options: RunOptions = {}): RunningConnector {
  const { positions } = resolveOptions("runConnector", runOptions, options);
  const definition = declared(connector);
  return new ConnectorRun(bus, definition, positions);
}
