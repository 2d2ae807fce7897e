import type { Contract } from "@org/bus-core";
import fc from "fast-check";
import { type ArbitraryOptions, asReceived, toNanos } from "./arbitrary.js";
import { MessageMaker } from "./messages/messages.js";

export interface ExamplesOptions extends ArbitraryOptions {
  /** How many. @default 1 */
  readonly count?: number;
  /** The same seed gives the same messages. @default 1 */
  readonly seed?: number;
}

/**
 * Messages that satisfy every rule of a contract and look as people would write them: words, small numbers, recent times, no property left out.
 *
 * @throws {BusError} `invalid_options`: the contract does not describe itself, or no message was found
 */
export function examples<T extends object, Init extends object>(
  contract: Contract<T, Init>,
  { count = 1, seed = 1, now }: ExamplesOptions = {},
): readonly (T & Init)[] {
  const maker = new MessageMaker({ taste: "plain", now: toNanos(now ?? new Date()), isNowGiven: now !== undefined });
  return fc.sample(fc.noBias(maker.valid(contract)), { numRuns: count, seed }).map((message) => asReceived(contract, message));
}
