import { describeCount } from "../../rules/counts.js";
import { ExpressionError, type Node } from "../check/parse.js";
import { types } from "../check/type.js";
import type { Expression } from "../expression.js";
import { call, type Form, NotTranslatable, type Translated } from "./form.js";

/** `"text %s".format([value])` with a text that is known: a sum of texts. Floating-point clauses are left to the evaluation. */
export function translateFormat(target: Node | undefined, [list]: readonly Node[], translate: (node: Node) => Translated): Translated {
  if (target?.kind !== "literal" || typeof target.value !== "string" || list?.kind !== "list") throw new NotTranslatable("a computed format");
  const parts = splitFormat(target.value, target.at);
  const clauses = parts.filter((part) => part.clause !== undefined);
  if (clauses.length !== list.items.length) {
    throw new ExpressionError(`the format takes ${describeCount(clauses.length, "value")}, is given ${list.items.length}`, list.at);
  }
  const values = list.items.map(translate);
  let next = 0;
  const texts = parts.map(({ text, clause }): Expression => {
    const value = clause === undefined ? undefined : values[next++];
    return value === undefined || clause === undefined ? { kind: "literal", value: text } : formatValue(clause, value);
  });
  const joined = texts.reduce<Expression>((left, right) => ({ kind: "operator", operator: "+", left, right }), { kind: "literal", value: "" });
  return { expression: joined, type: types.string, form: { kind: "string" }, fallible: values.some(({ fallible }) => fallible) };
}

interface Part {
  readonly text: string;
  readonly clause: string | undefined;
}

/** Texts and clauses: `%s`, `%d`, `%.2f`. */
function splitFormat(format: string, at: number): readonly Part[] {
  const parts: Part[] = [];
  for (const [found, clause] of format.matchAll(/%((?:\.\d+)?[a-zA-Z%]|$)|%|[^%]+/g)) {
    if (!found.startsWith("%")) parts.push({ text: found, clause: undefined });
    else if (clause === "%") parts.push({ text: "%", clause: undefined });
    else if (clause === undefined || clause === "" || !/^(?:\.\d+)?[bdefosxX]$/.test(clause)) {
      throw new ExpressionError(`there is no clause ${found} for format`, at);
    } else parts.push({ text: "", clause });
  }
  return parts;
}

const isListOfPlain = (form: Form): boolean =>
  form.kind === "list" &&
  form.convert === undefined &&
  (isListOfPlain(form.item) || ["integer", "bigint", "bool", "string"].includes(form.item.kind));

function formatValue(clause: string, { expression, form }: Translated): Expression {
  if (form.kind === "string" && clause === "s") return expression;
  if (clause === "s" && (form.kind === "bool" || isListOfPlain(form))) return call("showPlain", expression);
  if (form.kind !== "integer" && form.kind !== "bigint") throw new NotTranslatable(`%${clause} of ${form.kind}`);
  switch (clause) {
    case "s":
    case "d":
      return call("showPlain", expression);
    case "x":
    case "o":
    case "b":
      return call("showInBase", expression, { kind: "literal", value: clause === "x" ? 16 : clause === "o" ? 8 : 2 });
    case "X":
      return call("upperAscii", call("showInBase", expression, { kind: "literal", value: 16 }));
    default:
      throw new NotTranslatable(`%${clause}`);
  }
}
