import { describe, expect, it } from "vitest";
import { Project } from "./support/project.js";

const message = (name: string, topic: string, fields = "string id = 1;") => `syntax = "proto3";

package shop.v1;

import "buf/validate/validate.proto";
import "org/bus/v1/options.proto";

message ${name} {
  option (org.bus.v1.topic) = {
    owner: { team: "checkout", channel: "#checkout" }
    ${topic}
  };

  ${fields}
}
`;

describe("bus gen on contracts that are none", () => {
  it.each([
    {
      fault: "a syntax error",
      files: { "a.proto": 'syntax = "proto3";\n\npackage shop.v1;\n\nmessage A {\n  string id 1;\n}\n' },
      problems: ["proto/shop/v1/a.proto:6:13: unexpected integer literal in definition"],
    },
    {
      fault: "an import that does not exist",
      files: { "a.proto": 'syntax = "proto3";\npackage shop.v1;\nimport "shop/v1/none.proto";\n' },
      problems: ["proto/shop/v1/a.proto:3:1: imported file does not exist"],
    },
    {
      fault: "two messages that claim one topic",
      files: { "a.proto": message("A", 'name: "orders", partitions: 6'), "b.proto": message("B", 'name: "orders", partitions: 6') },
      problems: ['proto/shop/v1/b.proto:11: topic "orders" is claimed by shop.v1.B and by shop.v1.A (shop/v1/a.proto); a topic has one message'],
    },
    {
      fault: "a key field that does not exist",
      files: { "a.proto": message("A", 'name: "orders", key_field: "order_id", partitions: 6') },
      problems: ['proto/shop/v1/a.proto:11: topic of shop.v1.A: key_field "order_id": shop.v1.A has no field order_id'],
    },
    {
      fault: "a topic without a name",
      files: { "a.proto": message("A", "partitions: 1") },
      problems: ["proto/shop/v1/a.proto:9: topic of shop.v1.A: name is missing"],
    },
    {
      fault: "a topic name that Kafka refuses",
      files: { "a.proto": message("A", 'name: "orders placed", partitions: 6') },
      problems: [
        'proto/shop/v1/a.proto:11: topic of shop.v1.A: name "orders placed" is refused by Kafka: only letters, digits, ".", "_" and "-" may be in it',
      ],
    },
    {
      fault: "an expression that does not fit the field",
      files: {
        "a.proto": message("A", 'name: "orders", partitions: 6', 'string id = 1 [(buf.validate.field).cel = { id: "a", expression: "this > 5" }];'),
      },
      problems: ["proto/shop/v1/a.proto:14: field shop.v1.A.id: rule cel[0]: this > 5: column 6: string > int is not possible"],
    },
    {
      fault: "several at once",
      files: { "a.proto": message("A", 'name: "..", partitions: 6, key_field: "no"'), "b.proto": message("B", 'name: ".."') },
      problems: [
        'proto/shop/v1/a.proto:11: topic of shop.v1.A: name ".." is refused by Kafka',
        'proto/shop/v1/a.proto:11: topic of shop.v1.A: key_field "no": shop.v1.A has no field no',
        'proto/shop/v1/b.proto:11: topic of shop.v1.B: name ".." is refused by Kafka',
        "proto/shop/v1/b.proto:9: topic of shop.v1.B: partitions is 0, must be at least 1",
        'proto/shop/v1/b.proto:11: topic ".." is claimed by shop.v1.B and by shop.v1.A (shop/v1/a.proto); a topic has one message',
      ],
    },
  ])("names the file and the line of $fault", async ({ files, problems }) => {
    const project = await Project.create(Object.fromEntries(Object.entries(files).map(([name, content]) => [`proto/shop/v1/${name}`, content])));
    expect(await project.bus("gen")).toEqual({ code: 1, stdout: "", stderr: problems.map((line) => `${line}\n`).join("") });
    expect(await project.files("src/gen")).toEqual([]);
  });
});
