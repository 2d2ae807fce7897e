import type { AnyContract } from "../../contract/contract.js";
import type { BusError } from "../../errors.js";
import type { ConsumeDependencies } from "../dependencies.js";
import type { ConsumptionFace } from "../face.js";
import type { ConsumptionOptions } from "../options.js";
import type { HandlerScope } from "./handler-scope.js";
import type { Leftovers } from "./leftovers.js";

/** How a run came to its end. */
export type RunEnd =
  /** `Consumption.close()` */
  | { readonly reason: "close" }
  /** What ends the stream for good. */
  | { readonly reason: "stop"; readonly error: BusError; readonly drain: boolean }
  /** What may pass: another run follows. */
  | { readonly reason: "restart"; readonly error: BusError };

export interface RunInput {
  readonly dependencies: ConsumeDependencies;
  /** By topic. */
  readonly contracts: ReadonlyMap<string, AnyContract>;
  readonly options: ConsumptionOptions;
  readonly face: ConsumptionFace;
  readonly leftovers: Leftovers;
  /** In which its handlers run. */
  readonly scope: HandlerScope;
}
