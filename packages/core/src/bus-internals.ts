import type { Bus } from "./bus.js";
import type { ConsumeDependencies } from "./consume/dependencies.js";
import { BusError } from "./errors.js";

const known = new WeakMap<Bus, ConsumeDependencies>();

/** Called once by who makes a bus. */
export function rememberInternals(bus: Bus, internals: ConsumeDependencies): void {
  known.set(bus, internals);
}

/**
 * What a bus works with, for the packages that build on its engine.
 *
 * @throws {BusError} `invalid_options` for an object that `createBus` has not made
 * @internal
 */
export function busInternals(bus: Bus): ConsumeDependencies {
  const internals = known.get(bus);
  if (internals === undefined) throw new BusError("invalid_options", "the bus must be one that createBus has made");
  return internals;
}
