import { CompileError } from "@org/bus-core/compiler";
import { beforeAll, describe, expect, it } from "vitest";
import { compileText } from "./support/compile-text.js";

/** A field with an option, and what its author is told. Every row is one line of one file, from line 15 on. */
type Row = readonly [option: string, told: string];

const on = (expression: string): string => `(buf.validate.field).cel_expression = ${JSON.stringify(expression)}`;

const rows: readonly Row[] = [
  [`Inner a = 1 [${on("this.nme == ''")}]`, "cel_expression[0]: this.nme == '': column 6: a.v1.Inner has no field nme (is name meant?)"],
  [`Inner a = 1 [${on("this.missing == ''")}]`, "cel_expression[0]: this.missing == '': column 6: a.v1.Inner has no field missing"],
  [`Inner a = 1 [${on("this.name.first == ''")}]`, "cel_expression[0]: this.name.first == '': column 11: string has no fields, so no first"],
  [`int32 a = 1 [${on("this > 1.5 && this == 1.5")}]`, "cel_expression[0]: this > 1.5 && this == 1.5: column 20: int == double is not possible"],
  [`int32 a = 1 [${on("this + 1u > 0")}]`, "cel_expression[0]: this + 1u > 0: column 6: int + uint is not possible"],
  [`int32 a = 1 [${on("this")}]`, "cel_expression[0]: this: column 1: it gives int, must give bool or string"],
  [`int32 a = 1 [${on("this > 0 ? 'a' : 1")}]`, "cel_expression[0]: this > 0 ? 'a' : 1: column 1: ? : gives string or int, must give one type"],
  [`int32 a = 1 [${on("this ? true : false")}]`, "cel_expression[0]: this ? true : false: column 1: the condition before ? is int, must be bool"],
  [`int32 a = 1 [${on("this && true")}]`, "cel_expression[0]: this && true: column 1: int && bool is not possible"],
  [`int32 a = 1 [${on("!this")}]`, "cel_expression[0]: !this: column 1: !int is not possible"],
  [`int32 a = 1 [${on("this.size() > 0")}]`, "cel_expression[0]: this.size() > 0: column 6: int.size() is not possible"],
  [`int32 a = 1 [${on("this.all(x, x > 0)")}]`, "cel_expression[0]: this.all(x, x > 0): column 1: int has no items, must be a list or a map"],
  [`int32 a = 1 [${on("that > 0")}]`, "cel_expression[0]: that > 0: column 1: that is not known here: only this, now are"],
  [`int32 a = 1 [${on("thi > 0")}]`, "cel_expression[0]: thi > 0: column 1: thi is not known here: only this, now are (is this meant?)"],
  [`int32 a = 1 [${on("rule > 0")}]`, "cel_expression[0]: rule > 0: column 1: rule is not known here: only this, now are"],
  [`int32 a = 1 [${on("this > 0 &&")}]`, "cel_expression[0]: this > 0 &&: column 10: found & but expecting end of input"],
  [`int32 a = 1 [${on("")}]`, "cel_expression[0]: there is no expression"],
  [`int32 a = 1 [${on("(this > 0")}]`, "cel_expression[0]: (this > 0: column 10: found end of input but expecting ')'"],
  [`int32 a = 1 [${on("this == null")}]`, "cel_expression[0]: this == null: column 6: int == null is not possible"],
  [
    `string a = 1 [${on("this.startWith('a')")}]`,
    "cel_expression[0]: this.startWith('a'): column 6: there is no method startWith (is startsWith meant?)",
  ],
  [`string a = 1 [${on("this.startsWith(1)")}]`, "cel_expression[0]: this.startsWith(1): column 6: string.startsWith(int) is not possible"],
  [
    `string a = 1 [${on("this.matches('(?=a)')")}]`,
    "cel_expression[0]: this.matches('(?=a)'): column 6: the pattern (?=a) is none of RE2: invalid or unsupported Perl syntax: `(?=`",
  ],
  [`string a = 1 [${on("sze(this) > 0")}]`, "cel_expression[0]: sze(this) > 0: column 1: there is no function sze (is size meant?)"],
  [`string a = 1 [${on("this < now")}]`, "cel_expression[0]: this < now: column 6: string < timestamp is not possible"],
  [`string a = 1 [${on("'%z'.format([this])")}]`, "cel_expression[0]: '%z'.format([this]): column 1: there is no clause %z for format"],
  [`string a = 1 [${on("'%s %s'.format([this])")}]`, "cel_expression[0]: '%s %s'.format([this]): column 16: the format takes 2 values, is given 1"],
  [`string a = 1 [${on("this[0] == 'a'")}]`, "cel_expression[0]: this[0] == 'a': column 5: string has no item at int"],
  [
    `google.protobuf.Timestamp a = 1 [${on("this < timestamp('yesterday')")}]`,
    "cel_expression[0]: this < timestamp('yesterday'): column 8: \"yesterday\" is no timestamp, must be as in RFC 3339: 2024-01-01T00:00:00Z",
  ],
  [
    `google.protobuf.Timestamp a = 1 [${on("this + this > now")}]`,
    "cel_expression[0]: this + this > now: column 6: timestamp + timestamp is not possible",
  ],
  [
    `google.protobuf.Duration a = 1 [${on("this < duration('1 hour')")}]`,
    "cel_expression[0]: this < duration('1 hour'): column 8: \"1 hour\" is no duration, must be as 1h30m, 1.5s or 100ms",
  ],
  [`repeated int32 a = 1 [${on("this > 0")}]`, "cel_expression[0]: this > 0: column 6: list(int) > int is not possible"],
  [`repeated int32 a = 1 [${on("'a' in this")}]`, "cel_expression[0]: 'a' in this: column 5: string in list(int) is not possible"],
  [`repeated int32 a = 1 [${on("this.exists(x, x)")}]`, "cel_expression[0]: this.exists(x, x): column 16: exists asks for a bool, is given int"],
  [
    `repeated int32 a = 1 [${on("this.all(x, y > 0)")}]`,
    "cel_expression[0]: this.all(x, y > 0): column 13: y is not known here: only this, now, x are (is x meant?)",
  ],
  [`map<string, int32> a = 1 [${on("this[1] > 0")}]`, "cel_expression[0]: this[1] > 0: column 5: map(string, int) has no item at int"],
  [`Inner a = 1 [${on("this == a.v1.Iner{}")}]`, "cel_expression[0]: this == a.v1.Iner{}: column 9: there is no message a.v1.Iner"],
  [
    `Inner a = 1 [${on("this == a.v1.Inner{nam: 'x'}")}]`,
    "cel_expression[0]: this == a.v1.Inner{nam: 'x'}: column 9: a.v1.Inner has no field nam (is name meant?)",
  ],
  [
    `Inner a = 1 [${on("this == a.v1.Inner{name: 1}")}]`,
    "cel_expression[0]: this == a.v1.Inner{name: 1}: column 26: a.v1.Inner.name is string, is given int",
  ],
  [
    `repeated string a = 1 [(buf.validate.field).repeated.items.cel_expression = "this > 0"]`,
    "repeated.items.cel_expression[0]: this > 0: column 6: string > int is not possible",
  ],
  [
    `map<int32, string> a = 1 [(buf.validate.field).map.keys.cel_expression = "this == ''"]`,
    "map.keys.cel_expression[0]: this == '': column 6: int == string is not possible",
  ],
  [
    `map<int32, string> a = 1 [(buf.validate.field).map.values.cel_expression = "this == 1"]`,
    "map.values.cel_expression[0]: this == 1: column 6: string == int is not possible",
  ],
  [
    `int32 a = 1 [(buf.validate.field).ignore = IGNORE_ALWAYS, ${on("this == ''")}]`,
    "cel_expression[0]: this == '': column 6: int == string is not possible",
  ],
  [`int32 a = 1 [(buf.validate.field).string.min_len = 1]`, "string: the rules of its type are int32"],
  [`Inner a = 1 [(buf.validate.field).string.min_len = 1]`, "string: no such rules hold for its type"],
  [`repeated int32 a = 1 [(buf.validate.field).int32.gt = 1]`, "int32: the rules of its type are repeated"],
  [
    `string a = 1 [(buf.validate.field).string.pattern = "a**"]`,
    "string.pattern: the pattern a** is none of RE2: invalid nested repetition operator: `**`",
  ],
  [`bytes a = 1 [(buf.validate.field).bytes.pattern = "(a"]`, "bytes.pattern: the pattern (a is none of RE2: missing closing ): `(a`"],
];

const file = `syntax = "proto3";
package a.v1;
import "buf/validate/validate.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";

message Inner {
  string name = 1;
}





${rows.map(([option], index) => `message M${index} { ${option}; }`).join("\n")}
`;

let problems: ReadonlyMap<number | undefined, string>;

beforeAll(async () => {
  const error: unknown = await compileText({ "a/v1/a.proto": file }).catch((reason: unknown) => reason);
  if (!(error instanceof CompileError)) throw error;
  problems = new Map(error.problems.map(({ line, message }) => [line, message]));
});

describe("what an author is told of a rule that cannot be", { timeout: 120_000 }, () => {
  it.each(rows.map(([option, told], index) => ({ option, told, index })))("$option", ({ told, index }) => {
    expect(problems.get(15 + index)).toBe(`field a.v1.M${index}.a: rule ${told}`);
  });
});
