import { messageOf } from "../../errors.js";

/** What a pattern of RE2 is in JavaScript, with the flag `u`. */
export interface TranslatedPattern {
  readonly source: string;
  readonly flags: string;
}

/** Why a pattern cannot be expressed in JavaScript, or is none of RE2. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

/**
 * Translates a pattern from RE2, the language of the standard rules, to JavaScript. What the two write alike but mean differently is
 * rewritten (`.`, `\s`, `\z`, POSIX classes, …); what JavaScript cannot express, and what RE2 itself refuses, is an error.
 *
 * @throws {PatternError}
 */
export function translatePattern(pattern: string): TranslatedPattern {
  const translation = new Translation(pattern);
  const source = translation.run();
  const flags = `u${translation.flags}`;
  try {
    new RegExp(source, flags);
  } catch (error) {
    throw new PatternError(messageOf(error));
  }
  return { source, flags };
}

const posixClasses: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7F",
  blank: "\\t ",
  cntrl: "\\x00-\\x1F\\x7F",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};

/** Perl classes as RE2 means them: ASCII only, also where letter case is ignored. */
const perlClasses: Readonly<Record<string, string>> = { d: "0-9", w: "0-9A-Za-z_", s: "\\t\\n\\f\\r " };

const maxRepeat = 1000;

class Translation {
  flags = "";
  #dotAll = false;
  #multiline = false;
  #at = 0;
  readonly #pattern: string;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  run(): string {
    this.#readLeadingFlags();
    let source = "";
    while (this.#at < this.#pattern.length) source += this.#readAtom() + this.#readRepeat();
    return source;
  }

  #take(expression: RegExp): RegExpExecArray | undefined {
    const match = new RegExp(expression, "uy");
    match.lastIndex = this.#at;
    const found = match.exec(this.#pattern) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }

  #readLeadingFlags(): void {
    const found = this.#take(/\(\?([a-zA-Z]+)\)/);
    for (const flag of found?.[1] ?? "") {
      if (flag === "i") this.flags = "i";
      else if (flag === "m") this.#multiline = true;
      else if (flag === "s") this.#dotAll = true;
      else throw new PatternError(`the flag ${flag} of RE2 has no equal in JavaScript`);
    }
  }

  #readAtom(): string {
    const named = this.#take(/\(\?P?<(\w+)>/);
    if (named !== undefined) return `(?<${named[1]}>`;
    if (this.#take(/\(\?:/) !== undefined) return "(?:";
    const special = this.#take(/\(\?.?/);
    if (special !== undefined) throw new PatternError(`${special[0]} is not supported: flags may only stand in front, and RE2 has no look-around`);
    if (this.#pattern[this.#at] === "[") return this.#readClass();
    if (this.#pattern[this.#at] === "\\") return this.#readEscape(false);
    const character = this.#take(/[\s\S]/u)?.[0] ?? "";
    if (character === ".") return this.#dotAll ? "[^]" : "[^\\n]";
    // lines end at \n alone, not at what else JavaScript takes for the end of one
    if (this.#multiline && character === "^") return "(?<![^\\n])";
    if (this.#multiline && character === "$") return "(?![^\\n])";
    // outside of a repetition these are plain characters in RE2
    return character === "{" || character === "}" || character === "]" ? `\\${character}` : character;
  }

  #readRepeat(): string {
    const found = this.#take(/(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/);
    if (found === undefined) return "";
    if (Number(found[1] ?? 0) > maxRepeat || Number(found[2] ?? 0) > maxRepeat) throw new PatternError(`RE2 repeats at most ${maxRepeat} times`);
    if (this.#take(/[*+?]/) !== undefined) throw new PatternError("RE2 has no repetition of a repetition");
    return found[0];
  }

  #readClass(): string {
    const open = this.#take(/\[\^?/)?.[0] ?? "";
    let members = this.#take(/\]/) === undefined ? "" : "\\]";
    while (this.#take(/\]/) === undefined) {
      if (this.#at >= this.#pattern.length) throw new PatternError("a character class is not closed");
      const posix = this.#take(/\[:(\^?)(\w+):\]/);
      if (posix !== undefined) members += this.#posixClass(posix[2] ?? "", posix[1] === "^");
      else if (this.#pattern[this.#at] === "\\") members += this.#readEscape(true);
      else members += this.#take(/[\s\S]/u)?.[0].replace(/[[{}()/|]/, "\\$&") ?? "";
    }
    return `${open}${members}]`;
  }

  #posixClass(name: string, negated: boolean): string {
    const members = posixClasses[name];
    if (members === undefined) throw new PatternError(`there is no class [:${name}:]`);
    if (negated) throw new PatternError(`[:^${name}:] has no equal in JavaScript`);
    return members;
  }

  #readEscape(inClass: boolean): string {
    const property = this.#take(/\\([pP])(?:\{(\^?)(\w+)\}|([A-Z]))/);
    if (property !== undefined) return propertyEscape(property[1] ?? "p", property[2] === "^", property[3] ?? property[4] ?? "");
    const perl = this.#take(/\\([dwsDWS])/)?.[1];
    if (perl !== undefined) return perlEscape(perl, inClass);
    const code = this.#take(/\\x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))/);
    if (code !== undefined) return `\\u{${code[1] ?? code[2]}}`;
    if (this.#take(/\\Q/) !== undefined) return this.#readQuoted();
    const octal = this.#take(/\\(0[0-7]{0,2}|[1-7][0-7]{1,2})/)?.[1];
    if (octal !== undefined) return `\\u{${Number.parseInt(octal, 8).toString(16)}}`;
    const escaped = this.#take(/\\([\s\S]?)/u)?.[1] ?? "";
    return simpleEscape(escaped, inClass);
  }

  #readQuoted(): string {
    const text = this.#take(/([\s\S]*?)(?:\\E|$)/u)?.[1] ?? "";
    return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
}

function perlEscape(letter: string, inClass: boolean): string {
  const members = perlClasses[letter.toLowerCase()] ?? "";
  const negated = letter !== letter.toLowerCase();
  if (!inClass) return `[${negated ? "^" : ""}${members}]`;
  if (negated && letter !== "D") throw new PatternError(`\\${letter} within a class has no equal in JavaScript`);
  return negated ? "\\D" : members;
}

function propertyEscape(letter: string, negated: boolean, name: string): string {
  const isCategory = /^(?:C[cfos]?|L[lmotu]?|M[cen]?|N[dlo]?|P[cdefios]?|S[ckmo]?|Z[lps]?)$/.test(name);
  const isNegated = negated !== (letter === "P");
  return `\\${isNegated ? "P" : "p"}{${isCategory ? name : `Script=${name}`}}`;
}

function simpleEscape(character: string, inClass: boolean): string {
  switch (character) {
    case "a":
      return "\\x07";
    case "A":
      if (!inClass) return "(?<![^])";
      break;
    case "z":
      if (!inClass) return "(?![^])";
      break;
    case "b":
      if (!inClass) return "\\b";
      break;
    case "B":
      // V8 finds it between the two halves of a surrogate pair
      throw new PatternError("\\B has no equal in JavaScript");
    case "f":
    case "n":
    case "r":
    case "t":
    case "v":
      return `\\${character}`;
    default:
      if (/[\^$\\.*+?()[\]{}|/]/.test(character) || (inClass && character === "-")) return `\\${character}`;
      if (/[!-/:-@[-`{-~]/.test(character)) return character;
  }
  throw new PatternError(character === "" ? "it ends in a backslash" : `\\${character} is not supported`);
}
