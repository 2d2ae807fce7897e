import { type Connector, type DryRunOptions, dryRun } from "@org/bus-connect";
import { messageOf } from "@org/bus-core/internal";
import { CommandFailure } from "../failure.js";
import type { Terminal } from "../terminal.js";
import { openBus } from "./open-bus.js";
import { printRecord } from "./print-record.js";

/**
 * What `bus connect run --dry-run` does: a line of JSON for each record on stdout, and how many of them would be refused on stderr.
 *
 * @throws {CommandFailure} where records would be refused, or a source cannot be read
 */
export async function dryRunCommand(connectors: readonly Connector[], options: DryRunOptions, terminal: Terminal): Promise<void> {
  await using bus = await openBus();
  const faults: string[] = [];
  for (const connector of connectors) {
    const { name } = connector;
    let fine = 0;
    let refused = 0;
    try {
      for await (const made of dryRun(bus, connector, options)) {
        terminal.out(printRecord(name, made));
        if (made.ok) fine++;
        else refused++;
      }
      terminal.error(`${name}: ${fine} would be written, ${refused} would be refused`);
      if (refused > 0) faults.push(`${refused} of ${name} would be refused`);
    } catch (error) {
      faults.push(`${name}: ${messageOf(error)}`);
    }
  }
  if (faults.length > 0) throw new CommandFailure(faults.join("\n"));
}
