import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { FieldPathElement } from "../../errors.js";
import { check, type Environment } from "../cel/check/check.js";
import { elementType, fieldType, messageType, scalarType } from "../cel/check/field-type.js";
import { ExpressionError } from "../cel/check/parse.js";
import { type Type, types } from "../cel/check/type.js";
import type { EvaluatedRule, PredefinedValues } from "../cel/evaluate/evaluated-rule.js";
import type { Expression } from "../cel/expression.js";
import type { ExpressionRule } from "../cel/runtime/rule.js";
import { constantsOf, tryConstant, typeOf } from "../cel/translate/constant-values.js";
import { NotTranslatable, unwrap } from "../cel/translate/form.js";
import { translateThis } from "../cel/translate/this.js";
import { translate, type Variables } from "../cel/translate/translate.js";
import { isOptionMessage, type OptionExtension, type OptionMessage, type Options, type OptionValue } from "./options.js";
import type { ExpressionPlan } from "./plan.js";
import type { RefuseRule } from "./standard-rules.js";

/** What the rules in CEL of one option are about. */
export interface ExpressionContext {
  /** What `this` is. */
  readonly place: EvaluatedRule["place"];
  readonly message: DescMessage;
  /** The field; undefined where `this` is the message. */
  readonly field: DescField | undefined;
  readonly property: string;
  readonly skipUnset: boolean;
  readonly skipZero: boolean;
  /** What they give may tell the value of a sensitive field. */
  readonly sensitive: boolean;
  /** They do not hold at all; they are checked all the same. */
  readonly off: boolean;
  readonly refuse: RefuseRule;
}

/** Plans the rules in CEL of one message and its fields. Those that cannot be compiled are gathered in `evaluated`. */
export class ExpressionPlanner {
  readonly evaluated: EvaluatedRule[] = [];
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  /** The rules in `cel` and `cel_expression` of `rules`: of a message, a field, items, keys or values. */
  planRules(rules: OptionMessage | undefined, context: ExpressionContext): readonly ExpressionPlan[] {
    const numbers = context.place === "message" ? undefined : fieldNumbers;
    return (["cel", "cel_expression"] as const).flatMap((name) => {
      const list = rules?.fields.get(name);
      return (Array.isArray(list) ? list : []).flatMap((given: OptionValue, index) => {
        const path =
          numbers === undefined ? [] : [{ ...numbers[name], fieldName: name, subscript: { case: "index", value: BigInt(index) } } as const];
        return this.#plan(readRule(given), path, `${name}[${index}]`, context);
      });
    });
  }

  /** Predefined rules: extensions of the rules of a kind (`int32`, `repeated`, …). */
  planPredefined(kind: FieldPathElement, rules: OptionMessage, context: ExpressionContext): readonly ExpressionPlan[] {
    return rules.extensions.flatMap((extension) => {
      const { desc } = extension;
      const name = `${kind.fieldName}.(${desc.typeName})`;
      const list = this.#options.message(desc, "buf.validate.predefined")?.fields.get("cel");
      if (!Array.isArray(list)) {
        context.refuse(name, "the extension is no predefined rule: it has no option (buf.validate.predefined).cel");
        return [];
      }
      const element = { fieldNumber: desc.number, fieldName: `[${desc.typeName}]`, fieldType: desc.proto.type };
      return list.flatMap((given: OptionValue) => this.#plan(readRule(given), [kind, element], name, context, { rules, extension }));
    });
  }

  #plan(
    { id, text, source }: CelRule,
    path: readonly FieldPathElement[],
    name: string,
    context: ExpressionContext,
    predefined?: PredefinedRule,
  ): readonly ExpressionPlan[] {
    const rule: ExpressionRule = { id, text, source, path, concealed: context.sensitive };
    const thisType = typeOfThis(context);
    try {
      const checked = check(source, this.#environment(thisType, predefined));
      if (context.off) return [];
      const translated = tryTranslate(() => unwrap(translate(checked, this.#variables(context, predefined))));
      if (translated === undefined || translated.type.kind === "any") {
        this.evaluated.push({ ...rule, ...evaluationOf(context), predefined: valuesOf(predefined) });
        return [];
      }
      const { expression, fallible, type } = translated;
      const result = type.kind === "string" ? "string" : "bool";
      return [
        { ...rule, concealed: rule.concealed && (fallible || (result === "string" && !isKnownText(expression))), expression, result, fallible },
      ];
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      context.refuse(name, source.trim() === "" ? error.message : `${source}: ${positionIn(source, error.at)}: ${error.message}`);
      return [];
    }
  }

  #environment(thisType: Type, predefined: PredefinedRule | undefined): Environment {
    const rulesDesc = predefined === undefined ? undefined : this.#options.getMessage(predefined.rules.typeName);
    return {
      variables: {
        this: thisType,
        ...(predefined !== undefined && { rule: typeOf(predefined.extension.desc) }),
        ...(rulesDesc !== undefined && { rules: messageType(rulesDesc) }),
        now: types.timestamp,
      },
      getMessage: (typeName) => this.#options.getMessage(typeName),
      getEnum: (typeName) => this.#options.getEnum(typeName),
    };
  }

  #variables(context: ExpressionContext, predefined: PredefinedRule | undefined): Variables {
    const self = translateThis(context);
    if (predefined === undefined) return { this: self };
    const { rules, extension } = predefined;
    const desc = this.#options.getMessage(rules.typeName);
    const rule = tryConstant(extension.desc, extension.value);
    return { this: self, ...(rule !== undefined && { rule }), ...(desc !== undefined && { rules: constantsOf(desc, rules) }) };
  }
}

const fieldNumbers = { cel: { fieldNumber: 23, fieldType: 11 }, cel_expression: { fieldNumber: 29, fieldType: 9 } };

interface PredefinedRule {
  readonly rules: OptionMessage;
  readonly extension: OptionExtension;
}

interface CelRule {
  readonly id: string;
  readonly text: string;
  readonly source: string;
}

/** A `buf.validate.Rule`, or an expression alone, which is its own id. */
function readRule(given: OptionValue): CelRule {
  if (!isOptionMessage(given)) return { id: String(given), text: "", source: String(given) };
  const text = (name: string): string => String(given.fields.get(name) ?? "");
  return { id: text("id"), text: text("message"), source: text("expression") };
}

function typeOfThis({ place, message, field }: ExpressionContext): Type {
  if (field === undefined) return messageType(message);
  switch (place) {
    case "field":
      return fieldType(field);
    case "keys":
      return field.fieldKind === "map" ? scalarType(field.mapKey) : types.any;
    default:
      return elementType(field);
  }
}

function tryTranslate<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof NotTranslatable) return undefined;
    throw error;
  }
}

function evaluationOf({ place, field, property, skipUnset, skipZero }: ExpressionContext) {
  return { place, field: field?.number ?? 0, property, skipUnset, skipZero };
}

function valuesOf(predefined: PredefinedRule | undefined): PredefinedValues | undefined {
  if (predefined === undefined) return undefined;
  const { rules, extension } = predefined;
  return { rulesType: rules.typeName, rules: rules.bytes(), extension: extension.desc.number };
}

/** Whether all texts that a rule may give stand in it as they are. */
function isKnownText(expression: Expression): boolean {
  if (expression.kind === "conditional") return isKnownText(expression.yes) && isKnownText(expression.no);
  return expression.kind === "literal";
}

/** `column 5`, or `line 2, column 5` of an expression of several lines. */
function positionIn(source: string, at: number): string {
  // the parser places an operator before the blanks before it, and a field at its dot
  const start = at + (/^\s*\.?/.exec(source.slice(at))?.[0].length ?? 0);
  const lines = source.slice(0, start).split("\n");
  const column = `column ${(lines.at(-1) ?? "").length + 1}`;
  return source.includes("\n") ? `line ${lines.length}, ${column}` : column;
}
