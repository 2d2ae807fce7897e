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
    return [...this.#constants].map(([value, name]) => `const ${name} = ${value};`);
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
      case "list":
        return this.#constant("values", `[${argument.items.map((item) => this.argument(item)).join(", ")}]`);
    }
  }

  #constant(name: string, value: string): string {
    const known = this.#constants.get(value);
    if (known !== undefined) return known;
    const made = `${name}${this.#constants.size + 1}`;
    this.#constants.set(value, made);
    return made;
  }
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
