import type { RulePlan } from "@org/bus-core";
import fc from "fast-check";
import type { Generation } from "../generation.js";
import { allowedValues, argumentOf, numberOf, textOf } from "../rules.js";
import { formattedText } from "./text-formats.js";

/** How much longer than it must be a text becomes where nothing limits it. */
const usualLength = 12;

const words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbour", "island", "juniper"];

/** Texts that satisfy most of the rules at once; what is left to chance (`not_in`, `not_contains`, several at odds) has to be checked. */
export function texts(rules: readonly RulePlan[], { taste }: Pick<Generation, "taste">): fc.Arbitrary<string> {
  const allowed = allowedValues(rules);
  if (allowed !== undefined) return fc.constantFrom(...allowed.map(String));
  return matchingText(rules) ?? formatted(rules, taste) ?? composed(rules, taste);
}

function formatted(rules: readonly RulePlan[], taste: Generation["taste"]): fc.Arbitrary<string> | undefined {
  const test = argumentOf(rules, "stringFormat", 2) ?? argumentOf(rules, "stringFormatOrEmpty", 2);
  return typeof test === "object" && "kind" in test && test.kind === "function" ? formattedText(test.name, taste) : undefined;
}

/** Texts that match the pattern; undefined where there is none, or it is one that fast-check cannot follow. */
function matchingText(rules: readonly RulePlan[]): fc.Arbitrary<string> | undefined {
  const pattern = argumentOf(rules, "stringPattern") ?? argumentOf(rules, "bytesPattern");
  if (typeof pattern !== "object" || !("kind" in pattern) || (pattern.kind !== "pattern" && pattern.kind !== "re2")) return undefined;
  try {
    // without the flag i fewer texts match, but all of these do
    const flags = pattern.kind === "pattern" ? pattern.flags.replace("i", "") : "u";
    return fc.stringMatching(new RegExp(pattern.source, flags), { size: "small" });
  } catch {
    return fc.string({ unit: fc.constantFrom(...new Set(`${pattern.source}aA0 -_.`)), maxLength: usualLength });
  }
}

function composed(rules: readonly RulePlan[], taste: Generation["taste"]): fc.Arbitrary<string> {
  const [prefix, part, suffix] = ["stringPrefix", "stringContains", "stringSuffix"].map((check) => textOf(rules, check) ?? "");
  const fixed = `${prefix}${part}${suffix}`;
  const { min, max, inBytes } = lengthsOf(rules);
  const fixedLength = inBytes ? Buffer.byteLength(fixed) : Array.from(fixed).length;
  const minLength = Math.max(0, min - fixedLength);
  const maxLength = Math.max(minLength, Math.min(max - fixedLength, minLength + usualLength));
  const body = taste === "plain" ? plainText(minLength, maxLength) : anyText(minLength, maxLength, inBytes);
  // together they may be shorter than one after the other
  const overlaps = [prefix, part, suffix].filter((text) => text !== "" && text !== undefined);
  const made = body.map((text) => {
    const characters = Array.from(text);
    const middle = characters.length >> 1;
    return [prefix, ...characters.slice(0, middle), part, ...characters.slice(middle), suffix].join("");
  });
  return fixedLength > max && overlaps.length > 0 ? fc.oneof(made, fc.constantFrom(...(overlaps as string[]))) : made;
}

interface Lengths {
  readonly min: number;
  readonly max: number;
  /** Characters of one byte each keep the two the same. */
  readonly inBytes: boolean;
}

function lengthsOf(rules: readonly RulePlan[]): Lengths {
  const given = (...checks: readonly string[]): readonly number[] => checks.flatMap((check) => numberOf(rules, check) ?? []);
  const mins = given("stringLength", "stringMinLength", "stringBytes", "stringMinBytes");
  const maxs = given("stringLength", "stringMaxLength", "stringBytes", "stringMaxBytes");
  return {
    min: Math.max(0, ...mins),
    max: Math.min(Number.POSITIVE_INFINITY, ...maxs),
    inBytes: given("stringBytes", "stringMinBytes", "stringMaxBytes").length > 0,
  };
}

function anyText(minLength: number, maxLength: number, ascii: boolean): fc.Arbitrary<string> {
  const plain = fc.string({ minLength, maxLength, unit: "grapheme-ascii" });
  return ascii ? plain : fc.oneof(plain, fc.string({ minLength, maxLength, unit: anyCharacter }));
}

/** Any code point but surrogates. fast-check has the same as a unit by name, which takes 50 ms to make each time. */
const anyCharacter: fc.Arbitrary<string> = fc
  .oneof(fc.nat(0x7f), fc.integer({ min: 0x80, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((codePoint) => String.fromCodePoint(codePoint));

function plainText(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const fitting = words.filter(({ length }) => length >= minLength && length <= maxLength);
  if (fitting.length > 0) return fc.constantFrom(...fitting);
  const length = Math.max(minLength, Math.min(maxLength, 1));
  return fc.constantFrom(...words).map((word) => word.repeat(Math.ceil(length / word.length)).slice(0, length));
}
