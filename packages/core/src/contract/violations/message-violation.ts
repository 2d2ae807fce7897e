import type { FieldPathElement, StandardViolation, Violation } from "../../errors.js";
import { fieldPath, keyText, type PathStep } from "./field-path.js";
import type { FieldTable } from "./field-table.js";
import { pathAt, standardRulePath } from "./rule-path.js";

/** What a check found. */
export interface Fault {
  /** From the message down to the value. */
  readonly steps: PathStep[];
  readonly rule: string;
  /** What is asked for: `must be at least 3 characters`. */
  expectation: string;
  /** What was found instead: `2`; absent where it may not be shown or says nothing. */
  actual: string | undefined;
  forKey: boolean;
  /** Where the rule is none of the standard's own: the way to it from the rules of the field. */
  readonly rulePath: readonly FieldPathElement[] | undefined;
}

/** A fault as users see it. What only other programs need is made when it is asked for. */
export class MessageViolation implements Violation {
  readonly path: string;
  readonly rule: string;
  readonly message: string;
  readonly #fault: Fault;
  readonly #fields: () => FieldTable;

  /** `fields`: of the message that was checked. */
  constructor(fault: Fault, fields: () => FieldTable) {
    const { steps, rule, expectation, actual } = fault;
    this.path = steps.reduce(appendStep, "");
    this.rule = rule;
    this.message = actual === undefined ? expectation : `${expectation}, is ${actual}`;
    this.#fault = fault;
    this.#fields = fields;
  }

  get standard(): StandardViolation {
    const { steps, rule, forKey, rulePath } = this.#fault;
    const field = fieldPath(steps, this.#fields());
    const last = field.at(-1);
    const element = last?.keyType === undefined ? "items" : forKey ? "keys" : "values";
    const tail = rulePath ?? standardRulePath(rule);
    // a rule of a message that is an item is not nested in the rules of the field
    const isOfItem = tail.length > 0 && last?.subscript !== undefined;
    return { field, rule: isOfOneof(last) ? [] : isOfItem ? pathAt(element, tail) : tail, forKey };
  }
}

const isOfOneof = (element: FieldPathElement | undefined): boolean => element !== undefined && element.fieldNumber === undefined;

function appendStep(path: string, { name, key }: PathStep): string {
  const joined = path === "" || name === "" || name.startsWith("[") ? `${path}${name}` : `${path}.${name}`;
  return key === undefined ? joined : `${joined}[${typeof key === "string" ? JSON.stringify(key) : keyText(key)}]`;
}
