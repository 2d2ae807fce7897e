import { type AnyContract, BusError, type MemberDescription, type Violation } from "@org/bus-core";
import fc from "fast-check";
import { type Generation, maxDepth, usualDepth } from "../generation.js";
import { satisfying } from "../satisfying.js";
import { descriptionOf } from "./description-of.js";
import { exclusively } from "./exclusively.js";
import { describeFaults, faultsOfMember, type Loose } from "./faults.js";
import { type MemberContext, memberValues } from "./members.js";

/** The types of the messages that a message stands in, from the outermost. */
export type Ancestors = readonly string[];

/** Makes messages, also within each other; each contract once for each place. */
export class MessageMaker {
  readonly #generation: Generation;
  readonly #made = new Map<string, fc.Arbitrary<Loose>>();

  constructor(generation: Generation) {
    this.#generation = generation;
  }

  /** Messages without a fault. @throws {BusError} `invalid_options`, also while they are generated: there are none, or none was found */
  valid(contract: AnyContract, within: Ancestors = []): fc.Arbitrary<Loose> {
    const key = [...within, contract.typeName].join(" ");
    const known = this.#made.get(key);
    if (known !== undefined) return known;
    const made = this.#sound(this.candidates(contract, within), contract.typeName, (message) => contract.validate(message));
    this.#made.set(key, made);
    return made;
  }

  /** Messages of which each property is without a fault, but for expressions on the whole message. */
  candidates(contract: AnyContract, within: Ancestors = []): fc.Arbitrary<Loose> {
    const description = descriptionOf(contract);
    const record = fc.record(Object.fromEntries(description.members.map((member) => [member.property, this.member(contract, member, within)])));
    return description.exclusive.length === 0 ? record : exclusively(record, description);
  }

  /** What a property may hold, absence included. */
  member(contract: AnyContract, member: MemberDescription, within: Ancestors): fc.Arbitrary<unknown> {
    const context = this.context(contract, member, within);
    const candidates = memberValues(member, context);
    const chosen = context.mustBeSet ? candidates.filter((value) => !isZero(value)) : candidates;
    return this.#sound(chosen, `${contract.typeName}.${member.property}`, (value) => faultsOfMember(contract, member, value));
  }

  /** How values of a member are made. */
  context(contract: AnyContract, member: MemberDescription, within: Ancestors): MemberContext {
    const { typeName } = contract;
    if (within.length > maxDepth) throw new BusError("invalid_options", `a message of ${typeName} has no end: it has to hold its like`);
    const path = [...within, typeName];
    const maxOfOneType = this.#generation.taste === "plain" ? 1 : 2;
    return {
      ...this.#generation,
      message: (nested) => this.valid(nested, path),
      hasRoomFor: (nested) => path.length <= usualDepth && path.filter((name) => name === nested.typeName).length < maxOfOneType,
      sound: (items, holder) =>
        this.#sound(items, `item of ${typeName}.${member.property}`, (item) =>
          // those of the list or map itself have its own path
          faultsOfMember(contract, member, holder(item)).filter((fault) => fault.path !== member.property),
        ),
      spareItems: within.length === 0 ? 3 : 1,
      mustBeSet: descriptionOf(contract).exclusive.some(({ properties }) => properties.includes(member.property)),
    };
  }

  /** Those of `candidates` in which no fault is found. */
  #sound<T>(candidates: fc.Arbitrary<T>, what: string, faultsOf: (value: T) => readonly Violation[]): fc.Arbitrary<T> {
    let last: readonly Violation[] = [];
    return satisfying(
      candidates,
      (value) => {
        last = faultsOf(value).filter(({ rule }) => !(this.#generation.isNowGiven && rule === "timestamp.within"));
        return last.length === 0;
      },
      () => new BusError("invalid_options", `no ${what} was found that satisfies its rules; of the last one tried ${describeFaults(last)}`),
    );
  }
}

/** Whether a field that has no presence counts as not set with this value. */
function isZero(value: unknown): boolean {
  if (value instanceof Map) return value.size === 0;
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0;
  return value === "" || value === 0 || value === 0n || value === false || value === "0";
}
