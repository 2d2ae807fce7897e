import type { DescEnum, DescField, DescMessage } from "@bufbuild/protobuf";
import { suggestName } from "../../../suggest-name.js";
import { fieldType, messageType } from "./field-type.js";
import { functions } from "./functions.js";
import { ExpressionError, type MacroNode, type Node, parse } from "./parse.js";
import type { Signature } from "./signature.js";
import { showType, type Type, types } from "./type.js";
import { Bindings } from "./unify.js";

/** What an expression may refer to. */
export interface Environment {
  /** `this`, `rule`, `rules`, `now`, as far as they are there. */
  readonly variables: Readonly<Record<string, Type>>;
  getMessage(typeName: string): DescMessage | undefined;
  getEnum(typeName: string): DescEnum | undefined;
}

/** An expression whose types fit. */
export interface CheckedExpression {
  readonly root: Node;
  readonly types: ReadonlyMap<Node, Type>;
  /** The names of enum values among the nodes, with their numbers. */
  readonly enumValues: ReadonlyMap<Node, number>;
}

/** @throws {ExpressionError} the text is no CEL, or its types do not fit */
export function check(text: string, environment: Environment): CheckedExpression {
  const root = parse(text);
  const checker = new Checker(environment);
  const type = checker.check(root);
  if (!["bool", "string", "any"].includes(type.kind)) throw new ExpressionError(`it gives ${showType(type)}, must give bool or string`, root.at);
  return { root, types: checker.resolvedTypes(), enumValues: checker.enumValues };
}

/** Types of the value in a select that is followed: where the operand is a message, the field. */
class Checker {
  readonly #types = new Map<Node, Type>();
  readonly enumValues = new Map<Node, number>();
  readonly #environment: Environment;
  #scope: ReadonlyMap<string, Type>;
  #bindings = new Bindings();
  #nextParameter = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#scope = new Map(Object.entries(environment.variables));
  }

  /** The types of all nodes; what nothing says is `dyn`. */
  resolvedTypes(): ReadonlyMap<Node, Type> {
    return new Map([...this.#types].map(([node, type]) => [node, this.#bindings.resolve(type)]));
  }

  check(node: Node): Type {
    const type = this.#bindings.resolve(this.#infer(node));
    this.#types.set(node, type);
    return type;
  }

  #infer(node: Node): Type {
    switch (node.kind) {
      case "literal":
        return node.type;
      case "name":
        return this.#scope.get(node.name) ?? this.#checkQualified(node, node.name) ?? fail(node, unknownName(node.name, this.#scope.keys()));
      case "select":
        return this.#checkSelect(node);
      case "call":
        return this.#checkCall(node);
      case "list":
        return { kind: "list", item: this.#joinAll(node.items) };
      case "map": {
        const [keys, values] = [node.entries.map(([key]) => key), node.entries.map(([, value]) => value)];
        return { kind: "map", key: this.#joinAll(keys), value: this.#joinAll(values) };
      }
      case "struct":
        return this.#checkStruct(node);
      case "macro":
        return this.#checkMacro(node);
    }
  }

  /** The full name of an enum value, or of a type. */
  #checkQualified(node: Node, name: string): Type | undefined {
    const plain = name.replace(/^\./, "");
    const end = plain.lastIndexOf(".");
    const value = this.#environment.getEnum(plain.slice(0, Math.max(end, 0)))?.values.find((one) => one.name === plain.slice(end + 1));
    if (value !== undefined) {
      this.enumValues.set(node, value.number);
      return types.int;
    }
    return typeNames.has(plain) || this.#environment.getMessage(plain) !== undefined ? types.type : undefined;
  }

  #checkSelect(node: Extract<Node, { kind: "select" }>): Type {
    const qualified = qualifiedName(node);
    if (qualified !== undefined && !this.#scope.has(qualified.split(".", 1).join())) {
      const found = this.#checkQualified(node, qualified);
      if (found !== undefined) return found;
    }
    const { operand, field, isTest } = node;
    const type = this.check(operand);
    const result = this.#typeOfField(node, type, field);
    return isTest ? types.bool : result;
  }

  #typeOfField(node: Node, type: Type, name: string): Type {
    switch (type.kind) {
      case "message": {
        const { fields, typeName } = type.desc;
        const field = fields.find((candidate) => candidate.name === name);
        if (field !== undefined) return fieldType(field);
        return fail(node, `${typeName} has no field ${name}${suggestion(name, fields.map(nameOf))}`);
      }
      case "map":
        return type.value;
      case "any":
      case "parameter":
        return types.any;
      default:
        return fail(node, `${showType(type)} has no fields, so no ${name}`);
    }
  }

  #checkCall(node: Extract<Node, { kind: "call" }>): Type {
    const { target, args } = node;
    const qualified = target === undefined ? undefined : qualifiedName(target);
    // `strings.quote(x)` is written like a method
    const isFunction = qualified !== undefined && functions.has(`${qualified}.${node.function}`) && !this.#scope.has(qualified);
    const name = target === undefined ? node.function : isFunction ? `${qualified}.${node.function}` : `.${node.function}`;
    const given = [...(target === undefined || isFunction ? [] : [target]), ...args].map((arg) => this.check(arg));
    if (name === "_?_:_") return this.#checkConditional(node, given);
    const signatures = functions.get(name);
    if (signatures === undefined)
      return fail(node, `there is no ${target === undefined ? "function" : "method"} ${node.function}${suggestFunction(name)}`);
    return this.#resolve(signatures, given) ?? fail(node, misfit(name, given));
  }

  #checkConditional(node: Node, [condition = types.any, yes = types.any, no = types.any]: readonly Type[]): Type {
    if (!this.#bindings.accepts(types.bool, condition)) return fail(node, `the condition before ? is ${showType(condition)}, must be bool`);
    if (!this.#bindings.copy().accepts(yes, no)) return fail(node, `? : gives ${showType(yes)} or ${showType(no)}, must give one type`);
    return this.#bindings.join(yes, no);
  }

  /** The result of the signatures that take `given`; `dyn` where several do and differ. */
  #resolve(signatures: readonly Signature[], given: readonly Type[]): Type | undefined {
    let result: Type | undefined;
    for (const signature of signatures.filter(({ parameters }) => parameters.length === given.length)) {
      const first = this.#nextParameter;
      const attempt = this.#bindings.copy();
      if (!signature.parameters.every((parameter, index) => attempt.accepts(renumber(parameter, first), given[index] ?? types.any))) continue;
      this.#nextParameter += 2;
      const found = attempt.resolve(renumber(signature.result, first));
      if (result !== undefined && showType(result) !== showType(found)) return types.any;
      if (result === undefined) this.#bindings = attempt;
      result = found;
    }
    return result;
  }

  #joinAll(nodes: readonly Node[]): Type {
    const [first, ...rest] = nodes.map((node) => this.check(node));
    if (first === undefined) return { kind: "parameter", id: this.#takeParameter() };
    return rest.reduce((joined, type) => this.#bindings.join(joined, type), first);
  }

  #takeParameter(): number {
    this.#nextParameter += 2;
    return this.#nextParameter - 1;
  }

  #checkStruct(node: Extract<Node, { kind: "struct" }>): Type {
    const desc = this.#environment.getMessage(node.typeName);
    if (desc === undefined) return fail(node, `there is no message ${node.typeName}`);
    for (const [name, value] of node.fields) {
      const wanted = this.#typeOfField(node, { kind: "message", desc }, name);
      const given = this.check(value);
      if (!this.#bindings.accepts(wanted, given)) return fail(value, `${desc.typeName}.${name} is ${showType(wanted)}, is given ${showType(given)}`);
    }
    return messageType(desc);
  }

  #checkMacro(node: MacroNode): Type {
    const item = this.#itemOf(node.range, this.check(node.range));
    const outer = this.#scope;
    this.#scope = new Map([...outer, [node.variable, item]]);
    const test = node.test === undefined ? types.bool : this.check(node.test);
    if (!this.#bindings.accepts(types.bool, test)) return fail(node.test ?? node, `${node.macro} asks for a bool, is given ${showType(test)}`);
    const result = node.result === undefined ? types.bool : this.check(node.result);
    this.#scope = outer;
    if (node.macro === "map") return { kind: "list", item: result };
    return node.macro === "filter" ? { kind: "list", item } : types.bool;
  }

  #itemOf(node: Node, type: Type): Type {
    switch (type.kind) {
      case "list":
        return type.item;
      case "map":
        return type.key;
      case "any":
      case "parameter":
        return types.any;
      default:
        return fail(node, `${showType(type)} has no items, must be a list or a map`);
    }
  }
}

const typeNames: ReadonlySet<string> = new Set("int uint double bool string bytes list map null_type type".split(" "));

function fail(node: Node, reason: string): never {
  throw new ExpressionError(reason, node.at);
}

const nameOf = ({ name }: DescField): string => name;

/** `a.b.c` of a chain of names. */
function qualifiedName(node: Node): string | undefined {
  if (node.kind === "name") return node.name;
  if (node.kind !== "select" || node.isTest) return undefined;
  const before = qualifiedName(node.operand);
  return before === undefined ? undefined : `${before}.${node.field}`;
}

function unknownName(name: string, known: Iterable<string>): string {
  const names = [...known];
  return `${name} is not known here: only ${names.join(", ")} ${names.length === 1 ? "is" : "are"}${suggestion(name, names)}`;
}

function suggestion(name: string, known: readonly string[]): string {
  const meant = suggestName(name, known);
  return meant === undefined ? "" : ` (is ${meant} meant?)`;
}

function suggestFunction(name: string): string {
  const meant = suggestName(
    name,
    [...functions.keys()].filter((known) => /^\.?\w+$/.test(known)),
  );
  return meant === undefined ? "" : ` (is ${meant.replace(/^\./, "")} meant?)`;
}

/** Types that no signature takes: `int > string is not possible`. */
function misfit(name: string, given: readonly Type[]): string {
  const shown = given.map(showType);
  const operator = /^_(.+)_$|^@(in)$/.exec(name);
  if (name === "_[_]") return `${shown[0]} has no item at ${shown[1]}`;
  if (operator !== null && shown.length === 2) return `${shown[0]} ${operator[1] ?? operator[2]} ${shown[1]} is not possible`;
  if (name.endsWith("_")) return `${name.slice(0, -1)}${shown[0]} is not possible`;
  const call = name.startsWith(".") ? `${shown[0]}${name}(${shown.slice(1).join(", ")})` : `${name}(${shown.join(", ")})`;
  return `${call} is not possible`;
}

/** The parameters of a signature, as ones that nothing else has. */
function renumber(type: Type, first: number): Type {
  switch (type.kind) {
    case "parameter":
      return { kind: "parameter", id: first + type.id };
    case "list":
      return { kind: "list", item: renumber(type.item, first) };
    case "map":
      return { kind: "map", key: renumber(type.key, first), value: renumber(type.value, first) };
    default:
      return type;
  }
}
