import { RE2JS } from "@bufbuild/re2";
import type { Expression, Literal, Operator, PatternPlan } from "./expression.js";
import * as runtime from "./runtime/index.js";

/** An expression as a function of `this` and of the time of the check. */
export type ExpressionFunction = (self: unknown, now: () => bigint) => unknown;

/** Makes a function of an expression, without text that is evaluated. */
export function closeExpression(expression: Expression): ExpressionFunction {
  const compiler = new Compiler();
  const evaluate = compiler.close(expression);
  const { size } = compiler;
  return (self, now) => {
    const frame: Frame = { variables: new Array<unknown>(size), now };
    frame.variables[0] = self;
    return evaluate(frame);
  };
}

/** The matcher of a pattern: always RE2, which takes time in proportion to the text, because contracts that are met at run time may come from anywhere. */
export const closePattern = (pattern: PatternPlan): runtime.Pattern => RE2JS.compile(pattern.kind === "re2" ? pattern.source : pattern.re2);

interface Frame {
  readonly variables: unknown[];
  readonly now: () => bigint;
}

type Evaluate = (frame: Frame) => unknown;

type Test = (frame: Frame) => boolean;

type AnyFunction = (...args: readonly unknown[]) => unknown;

class Compiler {
  readonly #slots = new Map([["this", 0]]);

  /** How many variables there are. */
  get size(): number {
    return this.#slots.size;
  }

  close(expression: Expression): Evaluate {
    switch (expression.kind) {
      case "literal":
        return constantly(expression.value);
      case "pattern":
      case "re2":
        return constantly(closePattern(expression));
      case "function":
        return constantly(functionNamed(expression.name));
      case "now":
        return ({ now }) => now();
      case "variable": {
        const slot = this.#slotOf(expression.name);
        return ({ variables }) => variables[slot];
      }
      case "property":
        return this.#closeProperty(expression);
      case "default": {
        const [value, otherwise] = [this.close(expression.value), this.close(expression.otherwise)];
        return (frame) => {
          const found = value(frame);
          return found === undefined ? otherwise(frame) : found;
        };
      }
      case "is_set": {
        const value = this.close(expression.value);
        return (frame) => value(frame) !== undefined;
      }
      case "call":
        return this.#closeCall(expression);
      case "operator":
        return closeOperator(expression.operator, this.close(expression.left), this.close(expression.right));
      case "not": {
        const value = this.close(expression.value);
        return (frame) => !value(frame);
      }
      case "negative": {
        const value = this.close(expression.value) as (frame: Frame) => number;
        return (frame) => -value(frame);
      }
      case "and":
      case "or":
        return this.#closeLogic(expression);
      case "conditional": {
        const [condition, yes, no] = [this.close(expression.condition), this.close(expression.yes), this.close(expression.no)];
        return (frame) => (condition(frame) ? yes(frame) : no(frame));
      }
      case "loop":
        return this.#closeLoop(expression);
      case "list": {
        const items = expression.items.map((item) => this.close(item));
        return (frame) => items.map((item) => item(frame));
      }
      case "map": {
        const entries = expression.entries.map(([key, value]) => [this.close(key), this.close(value)] as const);
        return (frame) => new Map(entries.map(([key, value]) => [key(frame), value(frame)]));
      }
    }
  }

  #slotOf(name: string): number {
    const known = this.#slots.get(name);
    if (known !== undefined) return known;
    const slot = this.#slots.size;
    this.#slots.set(name, slot);
    return slot;
  }

  #closeProperty({ message, property, oneof }: Extract<Expression, { kind: "property" }>): Evaluate {
    const holder = this.close(message);
    if (oneof === undefined) return (frame) => read(holder(frame), property);
    return (frame) => {
      const chosen = read(holder(frame), oneof);
      return read(chosen, "case") === property ? read(chosen, "value") : undefined;
    };
  }

  #closeCall({ function: name, args }: Extract<Expression, { kind: "call" }>): Evaluate {
    const called = functionNamed(name);
    const closed = args.map((arg) => this.close(arg));
    const [first, second] = closed;
    if (first !== undefined && closed.length === 1) return (frame) => called(first(frame));
    if (first !== undefined && second !== undefined && closed.length === 2) return (frame) => called(first(frame), second(frame));
    return (frame) => called(...closed.map((arg) => arg(frame)));
  }

  #closeLogic({ kind, left, right, absorbs }: Extract<Expression, { kind: "and" | "or" }>): Evaluate {
    const [one, other] = [this.close(left) as Test, this.close(right) as Test];
    if (kind === "and")
      return absorbs
        ? (frame) =>
            runtime.and(
              () => one(frame),
              () => other(frame),
            )
        : (frame) => one(frame) && other(frame);
    return absorbs
      ? (frame) =>
          runtime.or(
            () => one(frame),
            () => other(frame),
          )
      : (frame) => one(frame) || other(frame);
  }

  #closeLoop({ macro, list, variable, body, absorbs }: Extract<Expression, { kind: "loop" }>): Evaluate {
    const items = this.close(list) as (frame: Frame) => readonly unknown[];
    const slot = this.#slotOf(variable);
    const evaluate = this.close(body);
    const perItem =
      (frame: Frame) =>
      (item: unknown): unknown => {
        frame.variables[slot] = item;
        return evaluate(frame);
      };
    const perTest = perItem as (frame: Frame) => (item: unknown) => boolean;
    switch (macro) {
      case "all":
        return absorbs ? (frame) => runtime.allOf(items(frame), perTest(frame)) : (frame) => items(frame).every(perTest(frame));
      case "exists":
        return absorbs ? (frame) => runtime.existsIn(items(frame), perTest(frame)) : (frame) => items(frame).some(perTest(frame));
      case "exists_one":
        return (frame) => runtime.existsOneIn(items(frame), perTest(frame));
      case "filter":
        return (frame) => items(frame).filter(perTest(frame));
      case "map":
        return (frame) => items(frame).map(perItem(frame));
    }
  }
}

const constantly =
  (value: Literal | runtime.Pattern | AnyFunction): Evaluate =>
  () =>
    value;

const read = (holder: unknown, property: string): unknown =>
  holder === undefined ? undefined : (holder as Readonly<Record<string, unknown>>)[property];

const functions = new Map(Object.entries(runtime as unknown as Readonly<Record<string, AnyFunction>>)); // called by name, with the types that were checked

function functionNamed(name: string): AnyFunction {
  const found = functions.get(name);
  if (found === undefined) throw new TypeError(`no function ${name} for expressions`);
  return found;
}

type Comparable = number | string;

function closeOperator(operator: Operator, left: Evaluate, right: Evaluate): Evaluate {
  // numbers, or both bigint, or both text, as the translation has seen to
  const [one, other] = [left as (frame: Frame) => Comparable, right as (frame: Frame) => Comparable];
  const [first, second] = [left as (frame: Frame) => number, right as (frame: Frame) => number];
  switch (operator) {
    case "===":
      return (frame) => left(frame) === right(frame);
    case "!==":
      return (frame) => left(frame) !== right(frame);
    case "<":
      return (frame) => one(frame) < other(frame);
    case "<=":
      return (frame) => one(frame) <= other(frame);
    case ">":
      return (frame) => one(frame) > other(frame);
    case ">=":
      return (frame) => one(frame) >= other(frame);
    case "+":
      return (frame) => first(frame) + second(frame);
    case "-":
      return (frame) => first(frame) - second(frame);
    case "*":
      return (frame) => first(frame) * second(frame);
    case "/":
      return (frame) => first(frame) / second(frame);
    case "%":
      return (frame) => first(frame) % second(frame);
  }
}
