import { checkConnector } from "@org/bus-connect";
import { messageOf } from "@org/bus-core/internal";
import { CommandFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";
import { loadConnectors } from "./load-connectors.js";
import { openBus } from "./open-bus.js";

/** What `bus connect check` does. */
export async function checkCommand(files: readonly string[], only: readonly string[], terminal: Terminal): Promise<void> {
  const connectors = await loadConnectors(files, only);
  await using bus = await openBus();
  let faults = 0;
  for (const connector of connectors) {
    const problems = await checkConnector(bus, connector);
    faults += problems.length;
    if (problems.length === 0) terminal.out(`${connector.name}: ok`);
    for (const { part, error } of problems) terminal.error(`${connector.name}: ${part}: ${messageOf(error)}`);
  }
  if (faults > 0) throw new CommandFailure(`${faults} ${faults === 1 ? "problem" : "problems"}`);
}
