import { pathToFileURL } from "node:url";
import { type Connector, isConnector } from "@org/bus-connect";
import { CommandFailure } from "../failure.js";
import { moduleFault } from "./module-fault.js";

/**
 * The connectors that modules export, by any name or as their default.
 *
 * @param only names of those that are wanted; all where there are none
 * @throws {CommandFailure} naming every file that cannot be loaded or exports none, and every name that is there twice or not at all
 */
export async function loadConnectors(files: readonly string[], only: readonly string[]): Promise<readonly Connector[]> {
  const faults: string[] = [];
  const found = new Map<string, Connector>();
  const foundIn = new Map<string, string>();
  for (const file of files) {
    try {
      const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(file).href);
      const connectors = new Set(Object.values(exported).flat().filter(isConnector));
      if (connectors.size === 0) faults.push(`${file} exports no connector (export const name = defineConnector({ … }))`);
      for (const connector of connectors) {
        const { name } = connector;
        // a file may be named twice, and a connector be exported by several
        if (found.has(name) && found.get(name) !== connector) {
          faults.push(`${file}: the name ${name} is already that of a connector in ${foundIn.get(name)}; each needs one of its own`);
        }
        found.set(name, connector);
        foundIn.set(name, file);
      }
    } catch (error) {
      faults.push(moduleFault(file, error));
    }
  }
  for (const name of only) if (!found.has(name)) faults.push(`no connector is called ${name} (there are ${[...found.keys()].join(", ") || "none"})`);
  if (faults.length > 0) throw new CommandFailure(faults.join("\n"));
  return [...found.values()].filter(({ name }) => only.length === 0 || only.includes(name));
}
