import type { Expression, ScalarType } from "../../cel/expression.js";
import type { ExpressionPlan } from "../plan.js";
import type { FileScope } from "./scope.js";
import { access, quote, type Source } from "./source.js";

/** What an expression is printed in. */
export interface ExpressionContext {
  readonly scope: FileScope;
  /** The text that `this` stands for. */
  readonly self: string;
}

/** Statements that check rules in CEL, for the value that `self` is. */
export function printExpressions(plans: readonly ExpressionPlan[], path: string, context: ExpressionContext): readonly Source[] {
  return plans.map((plan) => {
    const at = `faults, ${quote(path)}, ${context.scope.rule(plan)}`;
    const text = bare(printExpression(plan.expression, context));
    if (plan.fallible) return `runtime.cel.attempt(${at}, () => ${text});`;
    return plan.result === "bool" ? `if (!(${text})) runtime.cel.broken(${at});` : `runtime.cel.answer(${at}, ${text});`;
  });
}

/** The TypeScript of an expression. */
export function printExpression(expression: Expression, context: ExpressionContext): string {
  const print = (part: Expression): string => printExpression(part, context);
  const printBare = (part: Expression): string => bare(print(part));
  const { scope, self } = context;
  switch (expression.kind) {
    case "literal":
      return expression.value === null ? "null" : scope.argument(expression.value);
    case "pattern":
    case "re2":
      return scope.argument(expression);
    case "function":
      return `runtime.cel.${expression.name}`;
    case "now":
      return "faults.now()";
    case "variable":
      return as(expression.name === "this" ? self : expression.name, expression.type);
    case "property":
      return printProperty(expression, context);
    case "default":
      return as(`${print(expression.value)} ?? ${print(expression.otherwise)}`, expression.type);
    case "is_set":
      // no comparison in place: it would narrow what comes after it
      return `runtime.cel.isSet(${printBare(expression.value)})`;
    case "call":
      return `runtime.cel.${expression.function}(${expression.args.map(printBare).join(", ")})`;
    case "operator":
      return `(${print(expression.left)} ${expression.operator} ${print(expression.right)})`;
    case "not":
      return `!${print(expression.value)}`;
    case "negative":
      return `(-${print(expression.value)})`;
    case "and":
    case "or":
      if (expression.absorbs) return `runtime.cel.${expression.kind}(() => ${printBare(expression.left)}, () => ${printBare(expression.right)})`;
      return `(${print(expression.left)} ${expression.kind === "and" ? "&&" : "||"} ${print(expression.right)})`;
    case "conditional":
      return `(${print(expression.condition)} ? ${print(expression.yes)} : ${print(expression.no)})`;
    case "loop":
      return printLoop(expression, print);
    case "list":
      return expression.items.length === 0
        ? "runtime.emptyList"
        : (scope.values(expression.items) ?? `[${expression.items.map(printBare).join(", ")}]`);
    case "map":
      if (expression.entries.length === 0) return "runtime.emptyMap";
      return `new Map([${expression.entries.map(([key, value]) => `[${print(key)}, ${print(value)}]`).join(", ")}])`;
  }
}

function printProperty({ message, property, oneof }: Extract<Expression, { kind: "property" }>, context: ExpressionContext): string {
  const holder = printExpression(message, context);
  // `this` is always there
  const of = message.kind === "variable" && message.name === "this" ? holder : `${holder}?`;
  if (oneof === undefined) return optional(of, property);
  return `runtime.cel.caseOf(${optional(of, oneof)}, ${quote(property)})`;
}

/** `holder?.name` where `holder` ends with a question mark. */
const optional = (holder: string, name: string): string => access(holder, name).replace("?[", "?.[");

function printLoop({ macro, list, variable, body, absorbs }: Extract<Expression, { kind: "loop" }>, print: (part: Expression) => string): string {
  const [items, test] = [print(list), `(${variable}) => ${bare(print(body))}`];
  switch (macro) {
    case "all":
      return absorbs ? `runtime.cel.allOf(${bare(items)}, ${test})` : `${items}.every(${test})`;
    case "exists":
      return absorbs ? `runtime.cel.existsIn(${bare(items)}, ${test})` : `${items}.some(${test})`;
    case "exists_one":
      return `runtime.cel.existsOneIn(${bare(items)}, ${test})`;
    default:
      return `${items}.${macro}(${test})`;
  }
}

const typeNames: Readonly<Record<ScalarType, string>> = {
  number: "number",
  bigint: "bigint",
  boolean: "boolean",
  string: "string",
  bytes: "Uint8Array",
};

/** With its type said, so that comparisons with a literal neither narrow it nor are refused for what an enum declares. */
function as(text: string, type: ScalarType | undefined): string {
  const plain = bare(text);
  const name = /^[\w.]+$/.test(plain) ? plain : `(${plain})`;
  return type === undefined ? name : `(${name} as ${typeNames[type]})`;
}

/** Without the parentheses around all of it. */
function bare(text: string): string {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = endOfLiteral(text, at);
    if (text[at] === "(") depth++;
    if (text[at] === ")") depth--;
    if (depth === 0) return at > 0 && at === text.length - 1 && text[at] === ")" && text.startsWith("(") ? bare(text.slice(1, -1)) : text;
  }
  return text;
}

function endOfLiteral(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}
