import { describe, expect, it } from "vitest";
import { compileText } from "./support/compile-text.js";

const proto = `syntax = "proto3";
package a.v1;

// Of the message,
// on two lines.
message A {
  // Of the field.
  string text = 1;
  int32 behind = 2; // Behind the field.
  // Of the oneof. */ ends no comment
  oneof choice {
    // Of the case.
    string left = 3;
    int32 right = 4;
  }
  // Of the message within.
  message B {}
}

// Of the enum.
enum C {
  // Of the value.
  C_UNSPECIFIED = 0;
}
`;

describe("comments of a .proto", () => {
  it("become doc comments: of messages, fields, oneofs, their cases, enums and their values", { timeout: 60_000 }, async () => {
    const [file] = await compileText({ "a/v1/a.proto": proto });
    const content = file?.content ?? "";
    for (const documented of [
      "/**\n * Of the message,\n * on two lines.\n */\nexport interface A {\n  /** Of the field. */\n  text: string;\n  /** Behind the field. */\n  behind: number;\n",
      "/**\n * Of the message,\n * on two lines.\n */\nexport const A: ",
      '  /** Of the oneof. * / ends no comment */\n  choice?:\n    | {\n      /** Of the case. */\n      case: "left";\n      value: string;\n    }\n    | { case: "right"; value: number }\n    | undefined;\n',
      '      readonly case: "left";\n      readonly value: string;\n',
      "/** Of the message within. */\nexport interface A_B {",
      "/** Of the enum. */\nexport const C = {\n  /** Of the value. */\n  UNSPECIFIED: 0,\n",
      "/** Of the enum. */\nexport type C = ",
    ]) {
      expect(content).toContain(documented);
    }
  });
});
