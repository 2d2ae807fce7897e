import { type AnyContract, BusError, type Contract, type Violation } from "@org/bus-core";
import fc from "fast-check";
import { type ArbitraryOptions, toNanos } from "./arbitrary.js";
import { breakMessage } from "./invalid/break-message.js";
import { possible } from "./invalid/break-value.js";
import { type Breakage, withoutSubscripts } from "./invalid/breakage.js";
import type { Loose } from "./messages/faults.js";
import { MessageMaker } from "./messages/messages.js";
import { satisfying } from "./satisfying.js";

/** A rule that can be broken while all others hold. */
export interface BreakableRule {
  /** Where, without subscripts: `items.quantity`; `""` is the message itself. */
  readonly path: string;
  /** Its id: `uint32.gte_lte`. */
  readonly rule: string;
}

/** A message that breaks one rule. */
export interface InvalidMessage<Init> {
  /** Would be one that may be published, but for the rule. */
  readonly message: Init;
  /** What the contract says of it. */
  readonly violation: Violation;
}

/**
 * Messages that break exactly one rule of a contract: one that is chosen by its path, its id or both, or any.
 *
 * @throws {BusError} `invalid_options`: no such rule was found that can be broken while all others hold
 */
export function arbitraryInvalid<T extends object, Init extends object>(
  contract: Contract<T, Init>,
  wanted: Partial<BreakableRule> = {},
  options: ArbitraryOptions = {},
): fc.Arbitrary<InvalidMessage<Init>> {
  const found = search(contract, options).filter(
    ({ path, rules }) => (wanted.path ?? path) === path && [...rules].some((rule) => (wanted.rule ?? rule) === rule),
  );
  if (found.length === 0) throw notFound(contract, wanted, options);
  const broken = fc.oneof(...found.map((breakage) => breaking(contract, breakage, wanted)));
  return broken.map((message) => ({ message: message as Init, violation: contract.validate(message)[0] as Violation }));
}

/** Every rule of a contract that was found to be breakable by itself, in the order of the declaration. */
export function breakableRules(contract: AnyContract, options: ArbitraryOptions = {}): readonly BreakableRule[] {
  const rules = search(contract, options).flatMap((breakage) => [...breakage.rules].map((rule) => ({ path: breakage.path, rule })));
  return rules.filter(({ path, rule }, index) => rules.findIndex((other) => other.path === path && other.rule === rule) === index);
}

interface FoundBreakage extends Breakage<Loose> {
  /** The ids of the rules that its messages break. */
  readonly rules: ReadonlySet<string>;
}

/** So many messages are tried to see which rules a breakage breaks: an expression may be broken seldom. */
const tries = 10;
const triesOfMessage = 100;

/** What was found, for the contract is asked again for each of its rules. */
const searched = new WeakMap<AnyContract, FoundBreakage[]>();

function search(contract: AnyContract, { now }: ArbitraryOptions): readonly FoundBreakage[] {
  const known = searched.get(contract);
  if (known !== undefined && now === undefined) return known;
  const maker = new MessageMaker({ taste: "any", now: toNanos(now ?? new Date()), isNowGiven: false });
  const found = breakMessage(maker, contract).flatMap((breakage) => {
    const [candidates] = possible(breakage.candidates);
    if (candidates === undefined) return [];
    const kept = { path: breakage.path, candidates: () => candidates };
    const rules = brokenBy(contract, kept);
    return rules.size === 0 ? [] : [{ ...kept, rules }];
  });
  if (now === undefined) searched.set(contract, found);
  return found;
}

function brokenBy(contract: AnyContract, { path, candidates }: Breakage<Loose>): ReadonlySet<string> {
  const [messages = []] = possible(() => fc.sample(candidates(), { numRuns: path === "" ? triesOfMessage : tries, seed: 1 }));
  const rules = messages.flatMap((message) => {
    const violation = onlyViolation(contract, message);
    return violation !== undefined && withoutSubscripts(violation.path) === path ? [violation.rule] : [];
  });
  return new Set(rules);
}

function breaking(contract: AnyContract, { path, candidates }: FoundBreakage, wanted: Partial<BreakableRule>): fc.Arbitrary<Loose> {
  return satisfying(
    candidates(),
    (message) => {
      const violation = onlyViolation(contract, message);
      return violation !== undefined && withoutSubscripts(violation.path) === path && (wanted.rule ?? violation.rule) === violation.rule;
    },
    () => new BusError("invalid_options", `no ${contract.typeName} was found that breaks ${path} alone`),
  );
}

function onlyViolation(contract: AnyContract, message: Loose): Violation | undefined {
  const violations = contract.validate(message);
  return violations.length === 1 ? violations[0] : undefined;
}

function notFound(contract: AnyContract, { path, rule }: Partial<BreakableRule>, options: ArbitraryOptions): BusError {
  const what = [rule === undefined ? "a rule" : `the rule ${rule}`, path === undefined ? "" : ` of ${path === "" ? "the message" : path}`].join("");
  const known = breakableRules(contract, options).map((one) => `${one.path === "" ? "the message" : one.path}: ${one.rule}`);
  return new BusError(
    "invalid_options",
    `no ${contract.typeName} was found that breaks ${what} alone; what can be broken is ${known.join(", ") || "nothing"}`,
  );
}
