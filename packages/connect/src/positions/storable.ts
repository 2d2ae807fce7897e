import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import type { SplitPosition } from "../task/split/split-log.js";

/**
 * `position`, which can be stored.
 *
 * @throws {BusError} `malformed_message` for one that has no form in JSON
 */
export function storable(source: string, split: string, position: SplitPosition): SplitPosition {
  let fault = `it is ${typeof position.position}`;
  try {
    if (JSON.stringify(position.position) !== undefined) return position;
  } catch (error) {
    fault = messageOf(error);
  }
  throw new BusError("malformed_message", `the position that source ${source} gave of split ${split} cannot be stored, it must be JSON: ${fault}`);
}
