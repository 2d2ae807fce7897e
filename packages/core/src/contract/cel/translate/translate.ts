import type { CheckedExpression } from "../check/check.js";
import type { MacroNode, Node } from "../check/parse.js";
import { type Type, types } from "../check/type.js";
import type { Expression, Literal } from "../expression.js";
import { translateArithmetic } from "./arithmetic.js";
import { translateCall } from "./calls.js";
import { readField, testField } from "./fields.js";
import { call, type Form, integerForm, materialize, NotTranslatable, scalarTypeOf, type Translated, unwrap } from "./form.js";
import { translateFormat } from "./format.js";
import { unify, unifyAll, widest, widestOf } from "./unify-forms.js";

/** What the variables of an expression stand for: `this`, and constants for `rule` and `rules`. */
export type Variables = Readonly<Record<string, Translated | Constants>>;

/** A message that is known when the expression is translated: the rules of a field. Undefined: a field that is not set, and has no value. */
export interface Constants {
  readonly kind: "constants";
  readonly fields: ReadonlyMap<string, { readonly value: Translated | undefined; readonly isSet: boolean }>;
}

/** @throws {NotTranslatable} it needs what only an evaluation knows @throws {ExpressionError} a constant in it is none */
export function translate(checked: CheckedExpression, variables: Variables): Translated {
  return new Translation(checked, variables).translate(checked.root);
}

class Translation {
  readonly #checked: CheckedExpression;
  #scope: ReadonlyMap<string, Translated | Constants>;
  #variables = 0;

  constructor(checked: CheckedExpression, variables: Variables) {
    this.#checked = checked;
    this.#scope = new Map(Object.entries(variables));
  }

  #typeOf(node: Node): Type {
    return this.#checked.types.get(node) ?? types.any;
  }

  translate(node: Node): Translated {
    const value = this.#checked.enumValues.get(node);
    if (value !== undefined) return constant(types.int, value, integerForm(value, value));
    switch (node.kind) {
      case "literal":
        return translateLiteral(node.type, node.value);
      case "name":
        return this.#translateName(node.name);
      case "select":
        return this.#translateSelect(node);
      case "call":
        return this.#translateCall(node);
      case "list":
        return this.#translateList(node);
      case "map":
        return this.#translateMap(node);
      case "macro":
        return this.#translateMacro(node);
      case "struct":
        throw new NotTranslatable(`a new ${node.typeName}`);
    }
  }

  #translateName(name: string): Translated {
    const value = this.#scope.get(name);
    if (value === undefined && name === "now")
      return { expression: { kind: "now" }, type: types.timestamp, form: { kind: "nanos" }, fallible: false };
    if (value === undefined || "kind" in value) throw new NotTranslatable(name);
    return value;
  }

  #translateSelect(node: Extract<Node, { kind: "select" }>): Translated {
    const { operand, field: name, isTest } = node;
    const constants = operand.kind === "name" ? this.#scope.get(operand.name) : undefined;
    if (constants !== undefined && "kind" in constants) return selectConstant(constants, name, isTest);
    const value = this.translate(operand);
    if (value.form.kind === "message") {
      const field = value.form.desc.fields.find((candidate) => candidate.name === name);
      if (field === undefined) throw new NotTranslatable(name);
      return isTest ? testField(value, field) : readField(value, field);
    }
    if (value.form.kind !== "map") throw new NotTranslatable(name);
    const key: Expression = { kind: "literal", value: name };
    if (isTest) return { expression: call("hasKey", value.expression, key), type: types.bool, form: { kind: "bool" }, fallible: value.fallible };
    return { ...itemOf(call("lookup", value.expression, key), value.form.value, value.form.convert), type: this.#typeOf(node), fallible: true };
  }

  #translateCall(node: Extract<Node, { kind: "call" }>): Translated {
    const { target, args, function: name } = node;
    switch (name) {
      case "_&&_":
      case "_||_":
        return this.#translateLogic(name, args);
      case "_?_:_":
        return this.#translateConditional(args);
      case "format":
        return translateFormat(target, args, (arg) => this.translate(arg));
      default: {
        const given = [...(target === undefined ? [] : [target]), ...args].map((arg) => this.translate(arg));
        const type = this.#typeOf(node);
        const method = target === undefined ? name : `.${name}`;
        return translateArithmetic(method, given) ?? translateCall(method, given, type, node);
      }
    }
  }

  #translateLogic(name: string, args: readonly Node[]): Translated {
    const [left, right] = args.map((arg) => unwrap(this.translate(arg)));
    if (left === undefined || right === undefined) throw new NotTranslatable(name);
    const kind = name === "_&&_" ? "and" : "or";
    const expression: Expression = { kind, left: left.expression, right: right.expression, absorbs: left.fallible };
    return { expression, type: types.bool, form: { kind: "bool" }, fallible: left.fallible || right.fallible };
  }

  #translateConditional(args: readonly Node[]): Translated {
    const [condition, yes, no] = args.map((arg) => this.translate(arg));
    if (condition === undefined || yes === undefined || no === undefined) throw new NotTranslatable("? :");
    const test = unwrap(condition);
    const [left, right] = unify(yes, no);
    const expression: Expression = { kind: "conditional", condition: test.expression, yes: left.expression, no: right.expression };
    return { ...left, expression, form: widest(left.form, right.form), fallible: test.fallible || left.fallible || right.fallible };
  }

  #translateList(node: Extract<Node, { kind: "list" }>): Translated {
    const type = this.#typeOf(node);
    const items = unifyAll(node.items.map((item) => materialize(this.translate(item))));
    return {
      expression: { kind: "list", items: items.map(({ expression }) => expression) },
      type,
      form: { kind: "list", item: widestOf(items), convert: undefined },
      fallible: items.some(({ fallible }) => fallible),
    };
  }

  #translateMap(node: Extract<Node, { kind: "map" }>): Translated {
    const keys = unifyAll(node.entries.map(([key]) => this.translate(key)));
    const values = unifyAll(node.entries.map(([, value]) => materialize(this.translate(value))));
    // keys that come twice are an error, which only constants can rule out
    const constants = keys.map(({ expression }) => (expression.kind === "literal" ? String(expression.value) : undefined));
    if (constants.includes(undefined) || new Set(constants).size < keys.length) throw new NotTranslatable("a map of computed keys");
    return {
      expression: { kind: "map", entries: keys.map((one, index) => [one.expression, values[index]?.expression ?? one.expression] as const) },
      type: this.#typeOf(node),
      form: {
        kind: "map",
        key: widestOf(keys),
        value: widestOf(values),
        convert: undefined,
      },
      fallible: values.some(({ fallible }) => fallible),
    };
  }

  #translateMacro(node: MacroNode): Translated {
    const range = listOf(this.translate(node.range));
    if (range.form.kind !== "list") throw new NotTranslatable(node.macro);
    const { item, convert } = range.form;
    const name = `item${++this.#variables}`;
    const raw: Expression = { kind: "variable", name, type: convert === undefined ? scalarTypeOf(item) : undefined };
    const itemType = this.#typeOf(node.range);
    const variable: Translated = {
      ...itemOf(raw, item, convert),
      type: itemType.kind === "list" ? itemType.item : itemType.kind === "map" ? itemType.key : types.any,
      fallible: false,
    };
    const outer = this.#scope;
    this.#scope = new Map([...outer, [node.variable, variable]]);
    const test = node.test === undefined ? undefined : unwrap(this.translate(node.test));
    const result = node.result === undefined ? undefined : materialize(this.translate(node.result));
    this.#scope = outer;
    return finishMacro(node, this.#typeOf(node), { range, name, test, result });
  }
}

interface MacroBody {
  readonly range: Translated;
  readonly name: string;
  readonly test: Translated | undefined;
  readonly result: Translated | undefined;
}

function finishMacro({ macro }: MacroNode, type: Type, { range, name, test, result }: MacroBody): Translated {
  const loop = (kind: MacroNode["macro"], list: Expression, body: Translated, absorbs = false): Expression => ({
    kind: "loop",
    macro: kind,
    list,
    variable: name,
    body: body.expression,
    absorbs,
  });
  const fallible = range.fallible || test?.fallible === true || result?.fallible === true;
  if (macro === "map") {
    if (result === undefined) throw new NotTranslatable("map");
    const list = test === undefined ? range.expression : loop("filter", range.expression, test);
    return { expression: loop("map", list, result), type, form: { kind: "list", item: result.form, convert: undefined }, fallible };
  }
  if (test === undefined) throw new NotTranslatable(macro);
  if (macro === "filter") return { expression: loop("filter", range.expression, test), type, form: range.form, fallible };
  const absorbs = test.fallible && macro !== "exists_one";
  return { expression: loop(macro, range.expression, test, absorbs), type: types.bool, form: { kind: "bool" }, fallible };
}

/** A map is gone through by its keys. */
function listOf(value: Translated): Translated {
  if (value.form.kind !== "map") return value;
  return { ...value, expression: call("keysOf", value.expression), form: { kind: "list", item: value.form.key, convert: undefined } };
}

/** What is in a list or map, brought into the form of a value. */
function itemOf(raw: Expression, form: Form, convert: string | undefined): Pick<Translated, "expression" | "form"> {
  return { expression: convert === undefined ? raw : call(convert, raw), form };
}

function selectConstant({ fields }: Constants, name: string, isTest: boolean): Translated {
  const field = fields.get(name);
  if (isTest) return constant(types.bool, field?.isSet === true, { kind: "bool" });
  if (field?.value === undefined) throw new NotTranslatable(name);
  return field.value;
}

export const constant = (type: Type, value: Literal, form: Form): Translated => ({
  expression: { kind: "literal", value },
  type,
  form,
  fallible: false,
});

/** Integers are numbers where they are safe. */
export function translateLiteral(type: Type, value: Literal): Translated {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? constant(type, number, integerForm(number, number)) : constant(type, value, { kind: "bigint" });
  }
  const kind = type.kind === "double" || type.kind === "bool" || type.kind === "string" || type.kind === "bytes" ? type.kind : "null";
  return constant(type, value, { kind });
}
