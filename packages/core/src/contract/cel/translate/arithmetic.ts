import { type Type, types } from "../check/type.js";
import type { Expression, Operator } from "../expression.js";
import { call, type Form, integerForm, materialize, NotTranslatable, type Translated, toBigint, unwrap } from "./form.js";
import { unify, widest } from "./unify-forms.js";

/** A sum, product and so on, or a comparison; undefined where `name` is no such operator. */
export function translateArithmetic(name: string, args: readonly Translated[]): Translated | undefined {
  const [left, right] = args.map(unwrap);
  if (left === undefined) return undefined;
  if (name === "-_") return negate(left);
  if (name === "!_") return { ...left, expression: { kind: "not", value: left.expression } };
  const operator = operators.get(name);
  if (operator === undefined || right === undefined) return undefined;
  if (operator.startsWith("<") || operator.startsWith(">")) return compare(operator, left, right);
  switch (left.form.kind) {
    case "integer":
    case "bigint":
      return calculate(operator, left, right);
    case "double":
    case "string":
      return result(left, right, left.type, left.form, infix(operator, left, right));
    case "bytes":
      return result(left, right, types.bytes, left.form, call("joinBytes", left.expression, right.expression));
    case "list":
      return concatenate(left, right);
    default:
      return calculateTime(operator, left, right);
  }
}

const operators: ReadonlyMap<string, Operator> = new Map(
  (["+", "-", "*", "/", "%", "<", "<=", ">", ">="] as const).map((operator) => [`_${operator}_`, operator]),
);

const infix = (operator: Operator, left: Translated, right: Translated): Expression => ({
  kind: "operator",
  operator,
  left: left.expression,
  right: right.expression,
});

function result(left: Translated, right: Translated, type: Type, form: Form, expression: Expression, fallible = false): Translated {
  return { expression, type, form, fallible: fallible || left.fallible || right.fallible };
}

function negate(value: Translated): Translated {
  const { form, expression } = value;
  if (form.kind === "bigint") return { ...value, expression: call("negateInt", expression), fallible: true };
  if (expression.kind === "literal" && typeof expression.value === "number") {
    return { ...value, expression: { kind: "literal", value: -expression.value }, form: form.kind === "integer" ? flipped(form) : form };
  }
  return { ...value, expression: { kind: "negative", value: expression }, form: form.kind === "integer" ? flipped(form) : form };
}

const flipped = ({ min, max }: Extract<Form, { kind: "integer" }>): Form => integerForm(-max, -min);

/** Functions for what may leave the range of its type, or divide by zero. */
const checked: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  int: { "+": "addInt", "-": "subtractInt", "*": "multiplyInt", "/": "divideInt", "%": "moduloInt" },
  uint: { "+": "addUint", "-": "subtractUint", "*": "multiplyUint", "/": "divideUint", "%": "moduloUint" },
};

function calculate(operator: Operator, left: Translated, right: Translated): Translated {
  const { type } = left;
  if (left.form.kind === "integer" && right.form.kind === "integer") {
    const [one, other] = [left.form, right.form];
    if (operator === "/" || operator === "%") return divide(operator, left, right, one, other);
    const [min, max] = bounds(operator, one, other);
    const form = integerForm(min, max);
    if (form.kind === "integer" && (type.kind === "int" || min >= 0)) return result(left, right, type, form, infix(operator, left, right));
  }
  const name = checked[type.kind]?.[operator];
  if (name === undefined) throw new NotTranslatable(`${operator} of ${type.kind}`);
  return result(left, right, type, { kind: "bigint" }, call(name, toBigint(left), toBigint(right)), true);
}

type Integer = Extract<Form, { kind: "integer" }>;

function bounds(operator: Operator, left: Integer, right: Integer): readonly [number, number] {
  switch (operator) {
    case "+":
      return [left.min + right.min, left.max + right.max];
    case "-":
      return [left.min - right.max, left.max - right.min];
    default: {
      const corners = [left.min * right.min, left.min * right.max, left.max * right.min, left.max * right.max];
      return [Math.min(...corners), Math.max(...corners)];
    }
  }
}

function divide(operator: "/" | "%", left: Translated, right: Translated, one: Integer, other: Integer): Translated {
  const magnitude = Math.max(Math.abs(one.min), Math.abs(one.max));
  const smallest = one.min >= 0 && other.min >= 0 ? 0 : -magnitude;
  const form = integerForm(smallest, magnitude);
  if (other.min > 0 || other.max < 0) {
    const expression = operator === "/" ? call("quotient", left.expression, right.expression) : infix("%", left, right);
    return result(left, right, left.type, form, expression);
  }
  const name = operator === "/" ? "divideNumber" : "moduloNumber";
  return result(left, right, left.type, form, call(name, left.expression, right.expression), true);
}

function concatenate(left: Translated, right: Translated): Translated {
  const [one, other] = unify(materialize(left), materialize(right));
  return result(one, other, one.type, widest(one.form, other.form), call("joinLists", one.expression, other.expression));
}

function calculateTime(operator: Operator, left: Translated, right: Translated): Translated {
  const areBoth = left.type.kind === right.type.kind;
  const isSpan = areBoth && (left.type.kind === "duration" || operator === "-");
  const name = `${operator === "+" ? "add" : "subtract"}${isSpan ? "Duration" : "Timestamp"}`;
  const type = isSpan ? types.duration : types.timestamp;
  return result(left, right, type, { kind: "nanos" }, call(name, left.expression, right.expression), true);
}

function compare(operator: Operator, left: Translated, right: Translated): Translated {
  return result(left, right, types.bool, { kind: "bool" }, comparison(operator, left, right));
}

function comparison(operator: Operator, left: Translated, right: Translated): Expression {
  const kinds = [left.form.kind, right.form.kind];
  const zero: Expression = { kind: "literal", value: 0 };
  const order = (name: string): Expression => ({ kind: "operator", operator, left: call(name, left.expression, right.expression), right: zero });
  if (kinds.includes("string")) return order("compareStrings");
  if (kinds.includes("bytes")) return order("compareBytes");
  if (kinds.includes("bool")) return order("compareBools");
  const areMixed = kinds.includes("bigint") && !kinds.every((kind) => kind === "bigint");
  if (!areMixed) return infix(operator, left, right);
  if (kinds.includes("double")) return { kind: "operator", operator, left: asDouble(left), right: asDouble(right) };
  return { kind: "operator", operator, left: toBigint(left), right: toBigint(right) };
}

const asDouble = ({ form, expression }: Translated): Expression => (form.kind === "bigint" ? call("toDouble", expression) : expression);
