import type { JsonNode } from "./json-node.js";
import { JsonNumber } from "./json-node.js";

/** Arrays and objects within each other. More than any message that can be encoded, and few enough for the stack. */
const maxNesting = 400;

/**
 * Parses JSON text (RFC 8259), more strictly than `JSON.parse`, which rounds numbers and takes the last of two members with one name.
 *
 * @throws {SyntaxError} with line and column
 */
export function parseJson(text: string): JsonNode {
  const parser = new Parser(text);
  return parser.document();
}

const whitespace = /[ \t\n\r]*/y;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const [quote, backslash, firstPrintable] = [0x22, 0x5c, 0x20];
const keywords = new Map<string, JsonNode>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

class Parser {
  readonly #text: string;
  #at = 0;
  #nesting = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    const node = this.#value();
    if (this.#peek() !== "") throw this.#error("there is more behind the end");
    return node;
  }

  #value(): JsonNode {
    switch (this.#peek()) {
      case "{":
        return this.#nested(() => this.#members());
      case "[":
        return this.#nested(() => this.#items());
      case '"':
        return this.#string();
      case "":
        throw this.#error("the text ends where a value should be");
      default:
        return this.#primitive();
    }
  }

  #nested<T>(parse: () => T): T {
    this.#at++;
    if (++this.#nesting > maxNesting) throw this.#error(`arrays and objects are nested deeper than ${maxNesting}`);
    const node = parse();
    this.#nesting--;
    return node;
  }

  #members(): JsonNode {
    const members = new Map<string, JsonNode>();
    if (this.#accept("}")) return members;
    do {
      if (this.#peek() !== '"') throw this.#error("a name in double quotes should be here");
      const start = this.#at;
      const name = this.#string();
      if (members.has(name)) throw this.#error("a name is there twice", start);
      this.#expect(":");
      members.set(name, this.#value());
    } while (this.#accept(","));
    this.#expect("}");
    return members;
  }

  #items(): JsonNode {
    const items: JsonNode[] = [];
    if (this.#accept("]")) return items;
    do items.push(this.#value());
    while (this.#accept(","));
    this.#expect("]");
    return items;
  }

  #string(): string {
    const start = this.#at;
    const end = this.#endOfString();
    this.#at = end;
    try {
      return JSON.parse(this.#text.slice(start, end)) as string;
    } catch {
      throw this.#error("a string holds an escape that there is not", start);
    }
  }

  /** Behind the closing quote. */
  #endOfString(): number {
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const unit = this.#text.charCodeAt(at);
      if (unit === quote) return at + 1;
      if (unit === backslash) at++;
      else if (unit < firstPrintable) throw this.#error("a control character must be escaped", at);
    }
    throw this.#error("a string does not end");
  }

  #primitive(): JsonNode {
    number.lastIndex = this.#at;
    const [digits] = number.exec(this.#text) ?? [];
    const [word = ""] = digits === undefined ? (/^\w+/.exec(this.#text.slice(this.#at, this.#at + 8)) ?? []) : [digits];
    const node = digits === undefined ? keywords.get(word) : new JsonNumber(digits);
    if (node === undefined) throw this.#error(`${JSON.stringify(this.#text[this.#at])} begins no value`);
    this.#at += word.length;
    // 01, 1.e, nullx
    if (/[\w.+-]/.test(this.#text[this.#at] ?? "")) throw this.#error(`${JSON.stringify(this.#text[this.#at])} does not belong here`);
    return node;
  }

  /** The character that comes next, after whitespace; empty at the end. */
  #peek(): string {
    whitespace.lastIndex = this.#at;
    whitespace.exec(this.#text);
    this.#at = whitespace.lastIndex;
    return this.#text[this.#at] ?? "";
  }

  #accept(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string): void {
    if (!this.#accept(character)) throw this.#error(`${JSON.stringify(character)} should be here`);
  }

  #error(reason: string, at = this.#at): SyntaxError {
    const lines = this.#text.slice(0, at).split("\n");
    return new SyntaxError(`line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}: ${reason}`);
  }
}
