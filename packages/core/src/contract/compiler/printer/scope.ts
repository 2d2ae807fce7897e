import type { FieldPathElement } from "../../../errors.js";
import type { EvaluatedRule } from "../../cel/evaluate/evaluated-rule.js";
import type { Expression } from "../../cel/expression.js";
import type { ExpressionRule } from "../../cel/runtime/rule.js";
import type { MessagePlan, RuleArgument, TypeReference } from "../plan.js";
import { quote } from "./source.js";

/** What a file being printed refers to: types of other files, and the constants its rules need. */
export class FileScope {
  readonly #path: string;
  /** The name under which each file is imported. */
  readonly #imports = new Map<string, string>();
  readonly #constants = new Map<string, string>();

  /** `path` is that of the `.proto`. */
  constructor(path: string) {
    this.#path = path;
  }

  /** `prefix` + the name of a type (as in `checkPrice`), through the import of its file. */
  refer({ name, file }: TypeReference, prefix = "", suffix = ""): string {
    const local = `${prefix}${name}${suffix}`;
    if (file === this.#path) return local;
    return `${this.#alias(file)}.${local}`;
  }

  /** The name of an imported file: `common_v1_price_proto`, which no generated type or variable has. */
  #alias(file: string): string {
    const known = this.#imports.get(file);
    if (known !== undefined) return known;
    let alias = importAlias(file);
    while ([...this.#imports.values()].includes(alias)) alias = `${alias}_`;
    this.#imports.set(file, alias);
    return alias;
  }

  imports(): readonly string[] {
    const sorted = [...this.#imports].sort(([left], [right]) => (left < right ? -1 : 1));
    return sorted.map(([file, alias]) => `import * as ${alias} from ${quote(relativeImport(this.#path, file))};`);
  }

  constants(): readonly string[] {
    return [...this.#constants].map(([value, name]) => `const ${name}${name.startsWith("rule") ? ": runtime.ExpressionRule" : ""} = ${value};`);
  }

  /** An argument of a rule; what would be made anew at each call becomes a constant of the file. */
  argument(argument: RuleArgument): string {
    if (typeof argument !== "object") return scalarLiteral(argument);
    if (argument instanceof Uint8Array) return this.#constant("bytes", `new Uint8Array([${argument.join(", ")}])`);
    switch (argument.kind) {
      case "declared":
        throw new TypeError("only the value under check knows what is declared");
      case "function":
        return `runtime.${argument.name}`;
      case "bound":
        return this.#constant("bound", `{ value: ${scalarLiteral(argument.value)}, inclusive: ${argument.inclusive} }`);
      case "pattern":
        return this.#constant("pattern", `new RegExp(${quote(argument.source)}, ${quote(argument.flags)})`);
      case "re2":
        return this.#constant("pattern", `${this.evaluation()}.re2(${quote(argument.source)})`);
      case "list":
        return this.#constant("values", `[${argument.items.map((item) => this.argument(item)).join(", ")}]`);
    }
  }

  /** A list of constants, as one of the file; undefined where an item is none. */
  values(items: readonly Expression[]): string | undefined {
    const literals = items.map((item) => (item.kind === "literal" && item.value !== null ? this.argument(item.value) : undefined));
    return literals.includes(undefined) ? undefined : this.#constant("values", `[${literals.join(", ")}]`);
  }

  /** What the faults of a rule in CEL tell of it. */
  rule({ id, text, source, path, concealed }: ExpressionRule): string {
    return this.#constant("rule", `{ ${printRule({ id, text, source, path, concealed })} }`);
  }

  /** The rules of a message that are evaluated. */
  evaluator({ typeName, evaluated }: MessagePlan): string {
    const make = this.#constant("evaluators", `${this.evaluation()}.createEvaluators(${descriptorsConstant})`);
    return this.#constant("evaluator", `${make}(${quote(typeName)}, [${evaluated.map((rule) => this.#evaluatedRule(rule)).join(", ")}])`);
  }

  #evaluatedRule({ place, field, property, skipUnset, skipZero, predefined, ...rule }: EvaluatedRule): string {
    const values =
      predefined && `{ rulesType: ${quote(predefined.rulesType)}, rules: ${this.argument(predefined.rules)}, extension: ${predefined.extension} }`;
    const where = `place: ${quote(place)}, field: ${field}, property: ${quote(property)}, skipUnset: ${skipUnset}, skipZero: ${skipZero}`;
    return `{ ${printRule(rule)}, ${where}, predefined: ${values} }`;
  }

  /** The name of the module that is imported only where rules are evaluated. */
  evaluation(): string {
    this.needsEvaluation = true;
    return "evaluation";
  }

  /** Whether the file imports it. */
  needsEvaluation = false;

  #constant(name: string, value: string): string {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const made = `${name}${this.#constants.size + 1}`;
    this.#constants.set(value, made);
    return made;
  }
}

/** The function of a file that gives the descriptors for the evaluation of its rules. */
export const descriptorsConstant = "descriptorsOfFile";

function printRule({ id, text, source, path, concealed }: ExpressionRule): string {
  return `id: ${quote(id)}, text: ${quote(text)}, source: ${quote(source)}, path: [${path.map(printElement).join(", ")}], concealed: ${concealed}`;
}

function printElement({ fieldNumber, fieldName, fieldType, subscript }: FieldPathElement): string {
  const index = subscript === undefined ? "" : `, subscript: { case: "index", value: ${subscript.value}n }`;
  return `{ fieldNumber: ${fieldNumber}, fieldName: ${quote(fieldName)}, fieldType: ${fieldType}${index} }`;
}

/** The name under which a file is imported, if no other has it. */
export const importAlias = (file: string): string => file.replace(/\W/g, "_");

/** The constant that holds the names of a message's properties. */
export const propertiesConstant = ({ name }: Pick<MessagePlan, "name">): string => `propertiesOf${name}`;

/** The constant that says what the fields of a message are. */
export const fieldsConstant = ({ name }: Pick<MessagePlan, "name">): string => `fieldsOf${name}`;

/** A number, bigint, boolean or string as it is written in code. */
export function scalarLiteral(value: number | bigint | boolean | string): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "boolean") return String(value);
  if (Number.isNaN(value)) return "Number.NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Number.POSITIVE_INFINITY" : "Number.NEGATIVE_INFINITY";
  return Object.is(value, -0) ? "-0" : String(value);
}

/** `../../common/v1/price.js`, from one `.proto` to another. */
function relativeImport(from: string, to: string): string {
  const [fromFolders, toFolders] = [from.split("/").slice(0, -1), to.split("/")];
  let shared = 0;
  while (shared < fromFolders.length && fromFolders[shared] === toFolders[shared]) shared++;
  const up = "../".repeat(fromFolders.length - shared);
  return `${up === "" ? "./" : up}${toFolders
    .slice(shared)
    .join("/")
    .replace(/\.proto$/, "")}.js`;
}
