import { parse as parseCel } from "@bufbuild/cel";
import { messageOf } from "../../../errors.js";
import type { Literal } from "../expression.js";
import { type Type, types } from "./type.js";

type CelExpr = ReturnType<typeof parseCel>["expr"];
type CelKind<Case extends string> = Extract<CelExpr["exprKind"], { case: Case }>["value"];

/** A parsed expression. `at` is where it stands in the text, or, of operators and calls, where their sign does. */
export type Node = { readonly at: number } & (
  | { readonly kind: "literal"; readonly type: Type; readonly value: Literal }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "select"; readonly operand: Node; readonly field: string; readonly isTest: boolean }
  | { readonly kind: "call"; readonly function: string; readonly target: Node | undefined; readonly args: readonly Node[] }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "map"; readonly entries: readonly (readonly [Node, Node])[] }
  | { readonly kind: "struct"; readonly typeName: string; readonly fields: readonly (readonly [string, Node])[] }
  | MacroParts
);

export type MacroNode = Extract<Node, { kind: "macro" }>;

/** `range.macro(variable, test)`, or with a result: `range.map(variable, test, result)`. */
interface MacroParts {
  readonly kind: "macro";
  readonly macro: "all" | "exists" | "exists_one" | "filter" | "map";
  readonly range: Node;
  readonly variable: string;
  readonly test: Node | undefined;
  readonly result: Node | undefined;
}

/** What is wrong with an expression, and where in its text. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** @throws {ExpressionError} the text is no CEL */
export function parse(text: string): Node {
  if (text.trim() === "") throw new ExpressionError("there is no expression", 0);
  try {
    const { expr, sourceInfo } = parseCel(text);
    return new Reader(sourceInfo?.positions ?? {}, sourceInfo?.macroCalls ?? {}).read(expr);
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw new ExpressionError(reasonOf(error), offsetOf(error));
  }
}

/** The parser's error ends in its own `<input>:1:3: …`. */
const reasonOf = (error: unknown): string => messageOf(error).replace(/^<input>:\d+:\d+: /, "");

function offsetOf(error: unknown): number {
  if (typeof error !== "object" || error === null || !("location" in error)) return 0;
  const { location } = error as { readonly location?: { readonly start?: { readonly offset?: number } } };
  return location?.start?.offset ?? 0;
}

class Reader {
  readonly #positions: Readonly<Record<string, number>>;
  readonly #macroCalls: Readonly<Record<string, CelExpr>>;

  constructor(positions: Readonly<Record<string, number>>, macroCalls: Readonly<Record<string, CelExpr>>) {
    this.#positions = positions;
    this.#macroCalls = macroCalls;
  }

  read(expr: CelExpr | undefined): Node {
    const at = this.#positions[String(expr?.id)] ?? 0;
    const kind = expr?.exprKind;
    switch (kind?.case) {
      case "constExpr":
        return { at, ...readLiteral(kind.value, at) };
      case "identExpr":
        return { at, kind: "name", name: kind.value.name };
      case "selectExpr":
        return { at, kind: "select", operand: this.read(kind.value.operand), field: kind.value.field, isTest: kind.value.testOnly };
      case "callExpr":
        return {
          at,
          kind: "call",
          function: kind.value.function,
          target: kind.value.target === undefined ? undefined : this.read(kind.value.target),
          args: kind.value.args.map((arg) => this.read(arg)),
        };
      case "listExpr":
        return { at, kind: "list", items: kind.value.elements.map((item) => this.read(item)) };
      case "structExpr":
        return { at, ...this.#readStruct(kind.value) };
      case "comprehensionExpr":
        return { at, ...this.#readMacro(kind.value, this.#macroCalls[String(expr?.id)]) };
      default:
        throw new ExpressionError("this expression is not supported", at);
    }
  }

  #readStruct({ messageName, entries }: CelKind<"structExpr">) {
    if (messageName === "") {
      const pairs = entries.map(
        ({ keyKind, value }) => [this.read(keyKind.case === "mapKey" ? keyKind.value : undefined), this.read(value)] as const,
      );
      return { kind: "map", entries: pairs } as const;
    }
    const fields = entries.map(({ keyKind, value }) => [keyKind.case === "fieldKey" ? keyKind.value : "", this.read(value)] as const);
    return { kind: "struct", typeName: messageName, fields } as const;
  }

  /** The parser has expanded a macro already; its parts are found again in the loop that it became. */
  #readMacro({ iterRange, iterVar, loopStep }: CelKind<"comprehensionExpr">, call: CelExpr | undefined): MacroParts {
    const name = call?.exprKind.case === "callExpr" ? call.exprKind.value.function : "";
    const step = loopStep?.exprKind.case === "callExpr" ? loopStep.exprKind.value.args : [];
    const macro = { kind: "macro", range: this.read(iterRange), variable: iterVar } as const;
    switch (name) {
      case "all":
      case "exists":
        return { ...macro, macro: name, test: this.read(step[1]), result: undefined };
      case "exists_one":
      case "existsOne":
        return { ...macro, macro: "exists_one", test: this.read(step[0]), result: undefined };
      case "filter":
        return { ...macro, macro: "filter", test: this.read(step[0]), result: undefined };
      default: {
        const [test, added] = step.length === 3 ? [this.read(step[0]), step[1]] : [undefined, loopStep];
        const appended = added?.exprKind.case === "callExpr" ? added.exprKind.value.args[1] : undefined;
        const result = appended?.exprKind.case === "listExpr" ? appended.exprKind.value.elements[0] : undefined;
        return { ...macro, macro: "map", test, result: this.read(result) };
      }
    }
  }
}

function readLiteral({ constantKind }: CelKind<"constExpr">, at: number): { readonly kind: "literal"; readonly type: Type; readonly value: Literal } {
  const kind = "literal";
  switch (constantKind.case) {
    case "boolValue":
      return { kind, type: types.bool, value: constantKind.value };
    case "int64Value":
      return { kind, type: types.int, value: within(integerLimits.int, constantKind.value, at) };
    case "uint64Value":
      return { kind, type: types.uint, value: within(integerLimits.uint, constantKind.value, at) };
    case "doubleValue":
      return { kind, type: types.double, value: constantKind.value };
    case "stringValue":
      return { kind, type: types.string, value: constantKind.value };
    case "bytesValue":
      return { kind, type: types.bytes, value: constantKind.value };
    default:
      return { kind, type: types.null, value: null };
  }
}

const integerLimits = { int: [-(2n ** 63n), 2n ** 63n - 1n], uint: [0n, 2n ** 64n - 1n] } as const;

/** The parser reads integers of any length, which an evaluation would take for numbers that CEL does not have. */
function within([min, max]: readonly [bigint, bigint], value: bigint, at: number): bigint {
  if (value >= min && value <= max) return value;
  throw new ExpressionError(`${value} must be between ${min} and ${max}`, at);
}
