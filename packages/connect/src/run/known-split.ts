import { BusError } from "@org/bus-core";

/** Enough to see what they look like. */
const maxNamed = 20;

/** @throws {BusError} `invalid_options`, naming those that there are, for a split that is none of them */
export function checkKnown(connector: string, split: string, known: ReadonlySet<string>): void {
  if (known.has(split)) return;
  const names = [...known].sort();
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : "";
  throw new BusError("invalid_options", `${connector} has no split ${split} (there are ${names.slice(0, maxNamed).join(", ") || "none"}${more})`);
}
