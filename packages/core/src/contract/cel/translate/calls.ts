import type { Node } from "../check/parse.js";
import type { Type } from "../check/type.js";
import type { Expression } from "../expression.js";
import { translateMatches } from "./constants.js";
import { translateConversion } from "./conversions.js";
import { keyOf, translateEquality, translateIn } from "./equality.js";
import { call, type Form, holdsMessages, integerForm, materialize, NotTranslatable, type Translated, unwrap } from "./form.js";

/** A call of a function or method, or what else the parser gives as one. */
export function translateCall(name: string, args: readonly Translated[], type: Type, node: Node): Translated {
  const [first, second] = args;
  if (first === undefined) throw new NotTranslatable(name);
  if (second !== undefined && (name === "_==_" || name === "_!=_")) return translateEquality(name, first, second);
  if (second !== undefined && name === "@in") return translateIn(first, second);
  if (second !== undefined && name === "_[_]") return translateIndex(first, second, type);
  const plain = args.map(unwrap);
  const [value, argument] = plain;
  if (value === undefined) throw new NotTranslatable(name);
  const fallible = plain.some((arg) => arg.fallible);
  const conversion = argument === undefined ? translateConversion(name, value, node) : undefined;
  if (conversion !== undefined) return { ...conversion, type, fallible: conversion.fallible || fallible };
  if (argument !== undefined && (name === ".matches" || name === "matches")) return { ...translateMatches(value, argument, node), type, fallible };
  const translated = translateSize(name, value) ?? translateMethod(name, plain);
  if (translated === undefined) throw new NotTranslatable(name);
  return { ...translated, type, fallible };
}

type Result = Pick<Translated, "expression" | "form">;

function translateIndex(range: Translated, key: Translated, type: Type): Translated {
  const { form } = range;
  if (form.kind !== "list" && form.kind !== "map") throw new NotTranslatable("_[_]");
  const index = form.kind === "map" ? keyOf(unwrap(key), form.key) : unwrap(key).expression;
  const found = call(form.kind === "map" ? "lookup" : "itemAt", range.expression, index);
  const item = form.kind === "map" ? form.value : form.item;
  return { expression: form.convert === undefined ? found : call(form.convert, found), type, form: item, fallible: true };
}

function translateSize(name: string, { expression, form }: Translated): Result | undefined {
  if (name !== "size" && name !== ".size") return undefined;
  const size = integerForm(0, 2 ** 32);
  switch (form.kind) {
    case "string":
      return { expression: call("sizeOfString", expression), form: size };
    case "bytes":
    case "list":
      return { expression: call("lengthOf", expression), form: size };
    case "map":
      return { expression: call("sizeOfMap", expression), form: size };
    default:
      return undefined;
  }
}

const bool: Form = { kind: "bool" };
const text: Form = { kind: "string" };

/** Methods by the form of what they are called on: the function of the runtime, and what it gives. */
const methods: Readonly<Record<string, Readonly<Record<string, readonly [name: string, form: Form]>>>> = {
  string: {
    contains: ["containsText", bool],
    startsWith: ["startsWithText", bool],
    endsWith: ["endsWithText", bool],
    lowerAscii: ["lowerAscii", text],
    upperAscii: ["upperAscii", text],
    isEmail: ["isEmail", bool],
    isHostname: ["isHostname", bool],
    isHostAndPort: ["isHostAndPort", bool],
    isIp: ["isIp", bool],
    isUri: ["isUri", bool],
    isUriRef: ["isUriRef", bool],
  },
  bytes: { contains: ["containsBytes", bool], startsWith: ["startsWithBytes", bool], endsWith: ["endsWithBytes", bool] },
  double: { isNan: ["isNan", bool], isInf: ["isInf", bool] },
};

const timestampParts: Readonly<Record<string, Form>> = {
  getFullYear: integerForm(1, 9999),
  getMonth: integerForm(0, 11),
  getDate: integerForm(1, 31),
  getDayOfMonth: integerForm(0, 30),
  getDayOfWeek: integerForm(0, 6),
  getDayOfYear: integerForm(0, 365),
  getHours: integerForm(0, 23),
  getMinutes: integerForm(0, 59),
  getSeconds: integerForm(0, 59),
  getMilliseconds: integerForm(0, 999),
};

const durationParts: Readonly<Record<string, string>> = {
  getHours: "hoursOf",
  getMinutes: "minutesOf",
  getSeconds: "wholeSecondsOf",
  getMilliseconds: "millisecondsOf",
};

function translateMethod(name: string, args: readonly Translated[]): Result | undefined {
  const [value, ...rest] = args;
  if (value === undefined || !name.startsWith(".")) return undefined;
  const method = name.slice(1);
  const { form, type, expression } = value;
  if (type.kind === "timestamp" && rest.length === 0) {
    const part = timestampParts[method];
    return part && { expression: call(method, expression), form: part };
  }
  if (type.kind === "duration") {
    const part = durationParts[method];
    return part === undefined ? undefined : { expression: call(part, expression), form: integerForm(-(2 ** 40), 2 ** 40) };
  }
  if (method === "unique" && form.kind === "list" && !holdsMessages(form))
    return { expression: call("isUnique", materialize(value).expression), form: bool };
  if (method === "join" && form.kind === "list") return { expression: call("joinTexts", ...args.map((arg) => arg.expression)), form: text };
  if (method === "isIpPrefix") return translateIpPrefix(args);
  const known = methods[form.kind]?.[method];
  if (known === undefined) return undefined;
  return { expression: call(known[0], ...args.map((arg) => arg.expression)), form: known[1] };
}

/** `isIpPrefix()`, `(version)`, `(strict)` or `(version, strict)`. */
function translateIpPrefix([value, first, second]: readonly Translated[]): Result | undefined {
  if (value === undefined) return undefined;
  const isStrictOnly = first?.type.kind === "bool";
  const version: Expression = first === undefined || isStrictOnly ? { kind: "literal", value: 0 } : first.expression;
  const strict: Expression = (isStrictOnly ? first : second)?.expression ?? { kind: "literal", value: false };
  return { expression: call("isIpPrefix", value.expression, version, strict), form: bool };
}
