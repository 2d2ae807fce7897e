import type { FieldPathElement, Violation } from "../../errors.js";
import type { PathStep } from "../violations/field-path.js";
import type { FieldTable } from "../violations/field-table.js";
import { type Fault, MessageViolation } from "../violations/message-violation.js";

/**
 * Collects the faults of one message. Checks of a nested value report paths relative to it, and the caller puts its own name in front
 * afterwards: a message without faults builds no path at all.
 */
export class Faults {
  #found: Fault[] = [];
  /** How many messages the current one is nested in. */
  depth = 0;
  /**
   * How many faults of structure were found so far. Where there are none since a value was begun, it can be encoded, and expressions can be
   * evaluated on it.
   */
  structural = 0;

  #now: bigint | undefined;

  /** Makes it as new for the next message; false where it has found something, which belongs to the caller. */
  reset(): boolean {
    if (this.#found.length > 0) return false;
    this.depth = 0;
    this.structural = 0;
    this.#now = undefined;
    return true;
  }

  /** The time of the check, in nanoseconds since 1970: one for all rules. */
  now(): bigint {
    this.#now ??= BigInt(Date.now()) * 1_000_000n;
    return this.#now;
  }

  /** How many faults there are so far; pass it to `within`, `withinKey` and `leave`. */
  mark(): number {
    return this.#found.length;
  }

  /** Notes a fault at `path`, relative to the value under check; `""` is the value itself. */
  add(path: string, rule: string, expectation: string, actual?: string): void {
    if (structuralRules.has(rule)) this.structural++;
    this.#found.push({ steps: path === "" ? [] : [{ name: path, key: undefined }], rule, expectation, actual, forKey: false, rulePath: undefined });
  }

  /** As `add`, for a rule that is none of the standard's own; `rulePath` leads to it from the rules of the field. */
  addRule(path: string, rule: string, rulePath: readonly FieldPathElement[], expectation: string, actual?: string): void {
    this.#found.push({ steps: path === "" ? [] : [{ name: path, key: undefined }], rule, expectation, actual, forKey: false, rulePath });
  }

  /** As `mark`, before a nested message is checked. */
  enter(): number {
    this.depth++;
    return this.#found.length;
  }

  /** Ends what `enter` began: puts `name`, or `name[index]`, in front of the faults found since. */
  leave(mark: number, name: string, index?: unknown): void {
    this.depth--;
    if (this.#found.length > mark) this.within(mark, name, index);
  }

  /** Puts `name`, or `name[index]`, in front of the paths of the faults since `mark`. */
  within(mark: number, name: string, index?: unknown): void {
    const found = this.#found;
    if (found.length === mark) return;
    const step: PathStep = { name, key: index };
    for (let at = mark; at < found.length; at++) found[at]?.steps.unshift(step);
  }

  /** As `within`, for the key of an entry, which has the path of the entry. */
  withinKey(mark: number, name: string, key: unknown): void {
    if (this.#found.length === mark) return;
    for (const fault of this.#found.slice(mark)) {
      fault.expectation = `key ${fault.expectation}`;
      fault.forKey = true;
    }
    this.within(mark, name, key);
  }

  /** Drops what was found instead from the faults since `mark`: they concern a field marked sensitive. */
  conceal(mark: number): void {
    for (const fault of this.#found.slice(mark)) fault.actual = undefined;
  }

  /** Drops the faults since `mark` that a rule of the contract found, and keeps those without which the message would not encode. */
  keepStructural(mark: number): void {
    const kept = this.#found.slice(mark).filter((fault) => structuralRules.has(fault.rule));
    this.#found.splice(mark, Number.POSITIVE_INFINITY, ...kept);
  }

  /** Whether there is a fault of the field at `path`, or of what it stands in. */
  concern(path: string): boolean {
    return this.violations().some((fault) => fault.path === "" || fault.path === path || path.startsWith(`${fault.path}.`));
  }

  /** All faults of a message with `fields`, in the order of the declaration. */
  violations(fields: () => FieldTable = noFields): readonly Violation[] {
    return this.#found.length === 0 ? none : this.#found.map((fault) => new MessageViolation(fault, fields));
  }
}

/** The rules that come with every contract, because a message that breaks one has no faithful encoding. */
export const structuralRules: ReadonlySet<string> = new Set([
  "type",
  "unknown_field",
  "range",
  "utf8",
  "enum.undeclared",
  "oneof.undeclared",
  "depth",
  "unreadable",
  "type_url",
  "legacy_required",
]);

const noFields = (): FieldTable => ({});
const none: readonly Violation[] = Object.freeze([]);
