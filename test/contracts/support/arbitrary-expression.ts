import fc from "fast-check";

/* Expressions in CEL on `rules.v1.Operands` that fit their types. */

/** One alternative: text with a placeholder for each part. */
type Alternative = readonly [text: string, ...parts: Kind[]];

type Kind = "bool" | "int" | "uint" | "double" | "string" | "bytes" | "ints" | "strings" | "span" | "time";

const plain: Readonly<Record<Kind, readonly string[]>> = {
  bool: [
    "this.flag",
    "true",
    "false",
    "has(this.inner)",
    "has(this.a)",
    "has(this.maybe)",
    "has(this.left)",
    "has(this.numbers)",
    "has(this.labels.a)",
    "this.wrapped == null",
  ],
  int: [
    ..."0 1 -1 2 3 2147483647 -2147483648 9223372036854775807 -9223372036854775808 9007199254740993".split(" "),
    ..."this.a this.b this.long this.grade this.maybe this.as_number this.as_text this.inner.count this.inner.deeper.count this.wrapped".split(" "),
    ...["this.numbers.size()", "size(this.text)", "this.labels.size()", "this.bytes.size()", "int(this.start)"],
  ],
  uint: ["0u", "1u", "3u", "4294967295u", "18446744073709551615u", "this.natural", "this.big"],
  double: ["0.0", "1.5", "-2.0", "1e300", "this.ratio", "this.small", "this.right", "this.wrapped_float"],
  string: ["''", "'a'", "'ab'", "'é'", "this.text", "this.left", "this.inner.name", "this.inner.deeper.name", "this.labels['a']", "this.labels.b"],
  bytes: ["b''", "b'a'", "b'ab'", "this.bytes", "bytes(this.text)"],
  ints: ["this.numbers", "this.longs", "[1, 2]", "[0, 9223372036854775807]", "[this.a, this.b]", "this.inners.map(i, i.count)"],
  strings: ["this.texts", "['a', 'b']", "[this.text, 'a']", "this.labels.map(key, key)"],
  span: ["this.span", "duration('1s')", "duration('-5ns')", "duration('2h')"],
  time: ["this.start", "this.end", "timestamp('1970-01-01T00:00:01Z')", "timestamp('9999-12-31T23:59:59Z')"],
};

const kinds: readonly Kind[] = ["int", "uint", "double", "string", "bytes", "span", "time"];
const numbers: readonly Kind[] = ["int", "uint", "double"];
const compared = ["==", "!=", "<", "<=", ">", ">="];
const list = (left: string, right: string, operators: readonly string[]): readonly string[] =>
  operators.map((operator) => `(${left} ${operator} ${right})`);

/** `$` is a part. */
const composed: Readonly<Record<Kind, readonly Alternative[]>> = {
  bool: [
    ...kinds.flatMap((kind) => list("$", "$", compared).map((text): Alternative => [text, kind, kind])),
    ...numbers.flatMap((left) => numbers.flatMap((right) => list("$", "$", compared.slice(2)).map((text): Alternative => [text, left, right]))),
    ...Array.from({ length: 12 }, (): readonly Alternative[] => [
      ["($ && $)", "bool", "bool"],
      ["($ || $)", "bool", "bool"],
    ]).flat(),
    ["!($)", "bool"],
    ["($ ? $ : $)", "bool", "bool", "bool"],
    ["($ in $)", "int", "ints"],
    ["($ in $)", "string", "strings"],
    ["($ in this.labels)", "string"],
    ["($ in this.by_long)", "int"],
    ["($ == $)", "ints", "ints"],
    ["($ != $)", "strings", "strings"],
    ["$.contains($)", "string", "string"],
    ["$.startsWith($)", "string", "string"],
    ["$.endsWith($)", "bytes", "bytes"],
    ["$.matches('^[a-z\\\\d]*$')", "string"],
    ["$.isNan()", "double"],
    ["$.isInf()", "double"],
    ["$.isEmail()", "string"],
    ["$.isIp()", "string"],
    ["$.isHostname()", "string"],
    ["$.unique()", "ints"],
    ["$.unique()", "strings"],
    ["$.all(n, n > $)", "ints", "int"],
    ["$.all(n, $ / n < 2 || n > 1)", "ints", "int"],
    ["$.exists(n, n == $)", "ints", "int"],
    ["$.exists(n, $ % n == 0)", "ints", "int"],
    ["$.exists_one(n, n <= $)", "ints", "int"],
    ["$.all(t, t != $ && $)", "strings", "string", "bool"],
    ["this.inners.exists(i, has(i.deeper) && i.name == $)", "string"],
    ["this.by_long.all(key, this.by_long[key].count < $)", "int"],
    ["this.smalls.exists(x, x < $)", "double"],
    ["this.starts.all(x, x < $)", "time"],
    ["this.weights.exists(key, this.weights[key] > $)", "double"],
  ],
  int: [
    ...["+", "-", "*", "/", "%"].map((operator): Alternative => [`($ ${operator} $)`, "int", "int"]),
    ["(-($))", "int"],
    ["($ ? $ : $)", "bool", "int", "int"],
    ["int($)", "uint"],
    ["int($)", "double"],
    ["$[$]", "ints", "int"],
    ["$.size()", "ints"],
    ["size($)", "string"],
    ["this.by_long[$].count", "int"],
    ["$.getMinutes()", "span"],
    ["$.getSeconds()", "span"],
  ],
  uint: [
    ...["+", "-", "*", "/", "%"].map((operator): Alternative => [`($ ${operator} $)`, "uint", "uint"]),
    ["uint($)", "int"],
    ["uint($)", "double"],
    ["($ ? $ : $)", "bool", "uint", "uint"],
  ],
  double: [
    ...["+", "-", "*", "/"].map((operator): Alternative => [`($ ${operator} $)`, "double", "double"]),
    ["(-($))", "double"],
    ["double($)", "int"],
    ["double($)", "uint"],
    ["($ ? $ : $)", "bool", "double", "double"],
  ],
  string: [
    ["($ + $)", "string", "string"],
    ["string($)", "int"],
    ["string($)", "bool"],
    ["string($)", "bytes"],
    ["$.upperAscii()", "string"],
    ["$.lowerAscii()", "string"],
    ["$[$]", "strings", "int"],
    ["$.join('-')", "strings"],
    ["'%s: %d, %x'.format([$, $, $])", "string", "int", "uint"],
    ["'%s'.format([$])", "ints"],
    ["($ ? $ : $)", "bool", "string", "string"],
  ],
  bytes: [
    ["($ + $)", "bytes", "bytes"],
    ["bytes($)", "string"],
  ],
  ints: [
    ["($ + $)", "ints", "ints"],
    ["[$, $]", "int", "int"],
    ["$.map(n, n + $)", "ints", "int"],
    ["$.map(n, n > 0, n * $)", "ints", "int"],
    ["$.filter(n, n != $)", "ints", "int"],
  ],
  strings: [
    ["[$, $]", "string", "string"],
    ["$.filter(t, t > $)", "strings", "string"],
    ["$.map(t, t + $)", "strings", "string"],
  ],
  span: [
    ["($ + $)", "span", "span"],
    ["($ - $)", "span", "span"],
    ["($ - $)", "time", "time"],
  ],
  time: [
    ["($ + $)", "time", "span"],
    ["($ - $)", "time", "span"],
  ],
};

function expressionOf(kind: Kind, depth: number): fc.Arbitrary<string> {
  const leaf = fc.constantFrom(...plain[kind]);
  if (depth === 0) return leaf;
  const whole = fc.constantFrom(...composed[kind]).chain(([text, ...parts]) =>
    fc.tuple(...parts.map((part) => expressionOf(part, depth - 1))).map((texts) => {
      let next = 0;
      return text.replace(/\$(?!')/g, () => texts[next++] ?? "");
    }),
  );
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 4, arbitrary: whole });
}

/** An expression that gives a bool. */
export const arbitraryExpression: fc.Arbitrary<string> = expressionOf("bool", 4);
