import { describe, expect, it } from "vitest";
import { compileText } from "./support/compile-text.js";

const head = `syntax = "proto3";
package a.v1;
import "buf/validate/validate.proto";
import "org/bus/v1/options.proto";
`;

/** The lines of the error that `files` lead to; text starts at line 5. */
async function problemsOf(body: string, imports = ""): Promise<readonly string[]> {
  const error = await compileText({ "a/v1/a.proto": `${head}${imports}\n${body}` }).then(
    () => new Error("it compiled"),
    (reason: unknown) => reason,
  );
  return error instanceof Error ? error.message.split("\n") : [];
}

const owner = 'owner: {team: "a", channel: "#a"}';

describe("compile", { timeout: 120_000 }, () => {
  it("refuses what is wrong with a topic, all at once, with file and line", async () => {
    const found = await problemsOf(`message A {
  option (org.bus.v1.topic) = {
    name: "a b"
    key_field: "idd"
    partitions: 0
    retention_ms: -2
  };
  string id = 1;
}
message B {
  option (org.bus.v1.topic) = { name: "..", key_field: "inner.ratio", partitions: 1, ${owner} };
  Inner inner = 1;
  message Inner { double ratio = 1; }
}
message C {
  option (org.bus.v1.topic) = { name: "${"c".repeat(181)}", partitions: 1, cleanup: CLEANUP_COMPACT, ${owner} };
}
message D {
  option (org.bus.v1.topic) = { key_field: "ids", partitions: 1, ${owner} };
  repeated string ids = 1;
}
message E {
  option (org.bus.v1.topic) = { name: "e", key_field: "text.size", partitions: 1, ${owner} };
  string text = 1;
}
message F {
  option (org.bus.v1.topic) = { name: "f", key_field: "left", partitions: 1, ${owner} };
  oneof side { string left = 1; }
}
`);
    expect(found).toEqual([
      'a/v1/a.proto:8: topic of a.v1.A: name "a b" is refused by Kafka: only letters, digits, ".", "_" and "-" may be in it',
      "a/v1/a.proto:10: topic of a.v1.A: partitions is 0, must be at least 1",
      "a/v1/a.proto:11: topic of a.v1.A: retention_ms is -2, must be between -1 (for ever) and 9007199254740991",
      "a/v1/a.proto:7: topic of a.v1.A: owner must say team and channel: who answers for the topic",
      'a/v1/a.proto:9: topic of a.v1.A: key_field "idd": a.v1.A has no field idd',
      'a/v1/a.proto:16: topic of a.v1.B: name ".." is refused by Kafka',
      'a/v1/a.proto:16: topic of a.v1.B: key_field "inner.ratio": ratio is a double, must be a string, an integer or bytes',
      "a/v1/a.proto:21: topic of a.v1.C: name is 181 characters, must be at most 180: its dead-letter and retry topics have longer names",
      "a/v1/a.proto:21: topic of a.v1.C: cleanup compacts by key, so key_field is needed",
      "a/v1/a.proto:24: topic of a.v1.D: name is missing",
      'a/v1/a.proto:24: topic of a.v1.D: key_field "ids": ids must be a string, an integer or bytes',
      'a/v1/a.proto:28: topic of a.v1.E: key_field "text.size": text is no message',
      'a/v1/a.proto:32: topic of a.v1.F: key_field "left": left is in a oneof, so it may be absent',
    ]);
  });

  it("refuses two messages that claim one topic, also in two files", async () => {
    const message = (name: string): string => `message ${name} { option (org.bus.v1.topic) = { name: "orders", partitions: 1, ${owner} }; }`;
    const files = {
      "a/v1/a.proto": `${head}\n${message("A")}\n`,
      "b/v1/b.proto": `${head.replace("a.v1", "b.v1")}\n\n${message("B")}\n`,
    };
    await expect(compileText(files)).rejects.toThrow(
      'b/v1/b.proto:7: topic "orders" is claimed by b.v1.B and by a.v1.A (a/v1/a.proto); a topic has one message',
    );
  });

  it("refuses topics that collide in Kafka, are its own or have too many partitions", async () => {
    const message = (type: string, name: string, partitions: number): string =>
      `message ${type} { option (org.bus.v1.topic) = { name: "${name}", partitions: ${partitions}, ${owner} }; }\n`;
    const found = await problemsOf(message("A", "a.b_c", 10_000) + message("B", "a_b.c", 1) + message("C", "__c", 10_001));
    expect(found).toEqual([
      'a/v1/a.proto:8: topic of a.v1.C: name "__c" is refused: names that start with "__" are of Kafka\'s internal topics',
      "a/v1/a.proto:8: topic of a.v1.C: partitions is 10001, must be at most 10000",
      'a/v1/a.proto:7: topic "a_b.c" of a.v1.B and "a.b_c" of a.v1.A (a/v1/a.proto) collide in Kafka: they differ only in "." and "_"',
    ]);
  });

  it("refuses rules that it does not support, by name, field and line", async () => {
    const found = await problemsOf(
      `message A {
  option (buf.validate.message).cel = {id: "a", expression: "this.ab > 0"};
  option (buf.validate.message).oneof = {fields: ["nothing"]};
  int32 a = 1 [(buf.validate.field).cel = {id: "a", expression: "this > ''"}];
  string b = 2 [(buf.validate.field).string.pattern = "(?<=a)b"];
  string c = 3 [(buf.validate.field).int32.gt = 1];
  google.protobuf.Any d = 4 [(buf.validate.field).any.in = "a"];
  repeated string e = 5 [(buf.validate.field).repeated.items.cel = {id: "a", expression: "this.siz() == 1"}];
  map<string, int32> f = 6 [(buf.validate.field).map.values.int64.gt = 1];
  google.protobuf.Struct g = 7;
  bytes h = 8 [(buf.validate.field).bytes.pattern = "[a"];
  string i = 9 [(buf.validate.field).cel_expression = "this =="];
}
`,
      'import "google/protobuf/any.proto"; import "google/protobuf/struct.proto";',
    );
    expect(found).toEqual([
      "a/v1/a.proto:9: field a.v1.A.a: rule cel[0]: this > '': column 6: int > string is not possible",
      "a/v1/a.proto:10: field a.v1.A.b: rule string.pattern: the pattern (?<=a)b is none of RE2: invalid named capture: `(?<=a)b`",
      "a/v1/a.proto:11: field a.v1.A.c: rule int32: the rules of its type are string",
      "a/v1/a.proto:13: field a.v1.A.e: rule repeated.items.cel[0]: this.siz() == 1: column 6: there is no method siz (is size meant?)",
      "a/v1/a.proto:14: field a.v1.A.f: rule map.values.int64: the rules of its type are int32",
      "a/v1/a.proto:16: field a.v1.A.h: rule bytes.pattern: the pattern [a is none of RE2: missing closing ]: `[a`",
      "a/v1/a.proto:17: field a.v1.A.i: rule cel_expression[0]: this ==: column 6: found = but expecting end of input",
      "a/v1/a.proto:7: message a.v1.A: rule cel[0]: this.ab > 0: column 6: a.v1.A has no field ab (is a meant?)",
      "a/v1/a.proto:7: message a.v1.A: rule oneof: there is no field nothing",
    ]);
  });

  it("refuses rules that would hold whatever a message has", async () => {
    const found = await problemsOf(
      `message A {
  repeated A a = 1 [(buf.validate.field).repeated.unique = true];
  repeated google.protobuf.Timestamp b = 2 [(buf.validate.field).repeated.unique = true];
  repeated google.protobuf.StringValue c = 3 [(buf.validate.field).repeated.unique = true];
  int64 d = 4 [(buf.validate.field).cel_expression = "this < 9223372036854775808"];
  uint64 e = 5 [(buf.validate.field).cel_expression = "this in [0u, 18446744073709551616u]"];
  int64 f = 6 [(buf.validate.field).cel_expression = "this > -9223372036854775808"];
  int64 g = 7 [(buf.validate.field).cel = {id: "g"}];
  string h = 8 [(buf.validate.field).string.well_known_regex = KNOWN_REGEX_UNSPECIFIED];
}
`,
      'import "google/protobuf/timestamp.proto"; import "google/protobuf/wrappers.proto";',
    );
    const unique = "the standard compares scalars and enums only, not messages (say in a rule in CEL what must differ)";
    expect(found).toEqual([
      `a/v1/a.proto:7: field a.v1.A.a: rule repeated.unique: ${unique}`,
      `a/v1/a.proto:8: field a.v1.A.b: rule repeated.unique: ${unique}`,
      "a/v1/a.proto:10: field a.v1.A.d: rule cel_expression[0]: this < 9223372036854775808: column 8: 9223372036854775808 must be between -9223372036854775808 and 9223372036854775807",
      "a/v1/a.proto:11: field a.v1.A.e: rule cel_expression[0]: this in [0u, 18446744073709551616u]: column 14: 18446744073709551616 must be between 0 and 18446744073709551615",
      "a/v1/a.proto:13: field a.v1.A.g: rule cel[0]: there is no expression",
      "a/v1/a.proto:14: field a.v1.A.h: rule string.well_known_regex: it names no format",
    ]);
  });

  it("refuses messages that are called like what is generated besides them", async () => {
    const names = ["Odd", "checkOdd", "writeOdd", "readOdd", "propertiesOfOdd", "isTint", "bound1", "buf_validate_validate_proto", "Odd_In"];
    const found = await problemsOf(
      `${names.map((name) => `message ${name} {${name === "Odd" ? " message In {} " : ""}}\n`).join("")}enum Tint { TINT_UNSPECIFIED = 0; }`,
    );
    expect(found).toEqual([
      "a/v1/a.proto:7: a.v1.checkOdd would be called checkOdd in TypeScript, as the check of a.v1.Odd is; rename one",
      "a/v1/a.proto:8: a.v1.writeOdd would be called writeOdd in TypeScript, as the writer of a.v1.Odd is; rename one",
      "a/v1/a.proto:9: a.v1.readOdd would be called readOdd in TypeScript, as the reader of a.v1.Odd is; rename one",
      "a/v1/a.proto:10: a.v1.propertiesOfOdd would be called propertiesOfOdd in TypeScript, as the list of properties of a.v1.Odd is; rename one",
      "a/v1/a.proto:11: a.v1.isTint would be called isTint in TypeScript, as the test of a.v1.Tint is; rename one",
      "a/v1/a.proto:12: a.v1.bound1 would be called bound1 in TypeScript, as a constant that rules need is; rename one",
      "a/v1/a.proto:13: a.v1.buf_validate_validate_proto would be called buf_validate_validate_proto in TypeScript, as the import of buf/validate/validate.proto is; rename one",
      "a/v1/a.proto:14: a.v1.Odd_In would be called Odd_In in TypeScript, as a.v1.Odd.In is; rename one",
    ]);
  });

  it("refuses predefined rules and names that meet in TypeScript", async () => {
    const files = {
      "a/v1/a.proto": `${head}
message A { string foo_bar = 1; oneof fooBar { string b = 2; } }
message B {}
message BInit {}
enum C { C_UNSPECIFIED = 0; }
`,
      "b/v1/b.proto": `syntax = "proto2";
package b.v1;
import "buf/validate/validate.proto";
extend buf.validate.Int32Rules { optional int32 even = 80048954 [(buf.validate.predefined).cel = {id: "even", expression: "this % 2 == ''"}]; }
`,
      "c/v1/c.proto": `syntax = "proto3";
package c.v1;
import "buf/validate/validate.proto";
import "b/v1/b.proto";
message C { int32 a = 1 [(buf.validate.field).int32.(b.v1.even) = 1]; }
`,
    };
    const error: unknown = await compileText(files).catch((reason: unknown) => reason);
    expect(error instanceof Error ? error.message.split("\n") : error).toEqual([
      "a/v1/a.proto:6: a.v1.A: foo_bar and fooBar are both called fooBar in TypeScript; rename one",
      "a/v1/a.proto:8: a.v1.BInit would be called BInit in TypeScript, as the type to publish of a.v1.B is; rename one",
      "c/v1/c.proto:5: field c.v1.C.a: rule int32.(b.v1.even): this % 2 == '': column 10: int == string is not possible",
    ]);
  });

  it("makes nothing of a file that declares extensions only, and takes its import", async () => {
    const generated = await compileText({
      "a/v1/a.proto": `${head}\nimport "b/v1/b.proto";\nimport "c/v1/c.proto";\nmessage A { b.v1.B b = 1; }\n`,
      "b/v1/b.proto": 'syntax = "proto2";\npackage b.v1;\nmessage B { extensions 1 to max; }\n',
      "c/v1/c.proto": 'syntax = "proto2";\npackage c.v1;\nimport "b/v1/b.proto";\nextend b.v1.B { optional int32 number = 1; }\n',
    });
    expect(generated.map(({ path }) => path)).toEqual(["b/v1/b.ts", "a/v1/a.ts"]);
  });
});
