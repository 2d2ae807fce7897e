import type { AnyContract } from "@org/bus-core";
import type { ResolvedConnector } from "./options.js";

/** The contracts that a connector knows of what it moves: those of its sink, then those of its source. */
export function contractsOf({ source, sink }: Pick<ResolvedConnector, "source" | "sink">): readonly AnyContract[] {
  return [...(sink.contracts ?? []), ...(source.contracts ?? [])];
}
