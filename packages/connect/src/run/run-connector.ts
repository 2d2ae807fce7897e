import type { Bus } from "@org/bus-core";
import { busInternals, resolveOptions } from "@org/bus-core/internal";
import { z } from "zod";
import { type Connector, declared } from "../define/define-connector.js";
import { openFilePositions } from "../positions/file-positions.js";
import { MemoryPositions } from "../positions/memory-positions.js";
import type { OwnershipListener, Positions } from "../positions/position-store.js";
import { ConnectorRun } from "./connector-run.js";
import type { RunningConnector } from "./running-connector.js";

export const runOptions = z.strictObject({
  positions: z
    .union([z.strictObject({ file: z.string().min(1) }), z.instanceof(MemoryPositions)])
    .optional()
    .describe("Where positions of sources that are no topics are kept."),
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
  return new ConnectorRun(bus, definition, opener(positions, definition.name));
}

const memories = new WeakMap<object, MemoryPositions>();

function opener(
  positions: z.output<typeof runOptions>["positions"],
  connector: string,
): (bus: Bus, listener: OwnershipListener) => Promise<Positions> {
  return (bus) => {
    if (positions instanceof MemoryPositions) return positions.open(connector);
    if (positions !== undefined) return openFilePositions(positions.file, connector);
    const { transport } = busInternals(bus);
    const memory = memories.get(transport) ?? new MemoryPositions();
    memories.set(transport, memory);
    return memory.open(connector);
  };
}
