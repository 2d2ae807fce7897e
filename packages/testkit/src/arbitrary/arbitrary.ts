import type { Contract } from "@org/bus-core";
import type fc from "fast-check";
import { MessageMaker } from "./messages/messages.js";

export interface ArbitraryOptions {
  /**
   * What rules on the time take for now. With it the same seed gives the same messages on any day, and a time that has to be near the moment of
   * the check is near this one instead.
   *
   * @default the time at which the arbitrary is made
   */
  readonly now?: Date;
}

/**
 * Messages that satisfy every rule of a contract, as they arrive at a consumer; they may be published as well. Odd ones come often: the ends of
 * ranges, characters outside of the usual planes, absent fields. Lists have a few items more than they must, and messages nest a few levels deep.
 *
 * Rules that cannot be followed beforehand (expressions, several patterns at once) are found by trying.
 *
 * @throws {BusError} `invalid_options`: the contract does not describe itself; also while messages are generated, where none was found
 */
export function arbitrary<T extends object, Init extends object>(
  contract: Contract<T, Init>,
  { now }: ArbitraryOptions = {},
): fc.Arbitrary<T & Init> {
  const maker = new MessageMaker({ taste: "any", now: toNanos(now ?? new Date()), isNowGiven: now !== undefined });
  return maker.valid(contract).map((message) => asReceived(contract, message));
}

/** The message after it went over the wire: the one form that is both decoded and may be published. */
export const asReceived = <T extends object, Init extends object>(contract: Contract<T, Init>, message: object): T & Init =>
  contract.decode(contract.encode(message as Init)) as T & Init;

export const toNanos = (date: Date): bigint => BigInt(date.getTime()) * 1_000_000n;
