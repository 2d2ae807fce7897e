import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { loadDescriptorSet } from "@org/bus-cli";
import { compileContracts } from "@org/bus-core/compiler";
import { describe, expect, it } from "vitest";
import { Project } from "./support/project.js";

const order = `syntax = "proto3";

package shop.v1;

import "buf/validate/validate.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/timestamp.proto";
import "org/bus/v1/options.proto";

// A customer has ordered something.
//
// Said once for each order.
message OrderPlaced {
  option (org.bus.v1.topic) = {
    name: "orders.placed"
    key_field: "customer"
    partitions: 6
    retention_ms: 604800000
    owner: {team: "checkout", channel: "#checkout"}
  };
  option (buf.validate.message).cel = {id: "order.discount", message: "the discount must not exceed the total", expression: "this.discount <= this.total"};

  // Who ordered: "ada" | "grace".
  string customer = 1 [(buf.validate.field).required = true, (buf.validate.field).string.max_len = 20];
  string email = 2 [(buf.validate.field).string.email = true, (org.bus.v1.sensitive) = true];
  int64 total = 3 [(buf.validate.field).int64 = {gte: 0, lt: 1000}];
  int64 discount = 4 [(buf.validate.field).int64.gte = 0];
  repeated Item items = 5 [(buf.validate.field).repeated = {min_items: 1, max_items: 9}];
  map<string, int32> points = 6 [(buf.validate.field).map.keys.string.min_len = 1];
  State state = 7 [(buf.validate.field).enum = {defined_only: true, not_in: [0]}];
  google.protobuf.Duration patience = 8 [(buf.validate.field).duration.lte = {seconds: 90}];
  google.protobuf.Timestamp placed_at = 9 [(buf.validate.field).timestamp.lt_now = true];
  oneof payment {
    option (buf.validate.oneof).required = true;
    string card = 10 [(buf.validate.field).string.pattern = "^[0-9]{4}$"];
    bytes voucher = 11 [(buf.validate.field).bytes.len = 4];
  }
}

// So many of one article.
message Item {
  string article = 1 [(buf.validate.field).string.prefix = "A-"];
  optional uint32 quantity = 2 [(buf.validate.field).cel = {id: "even", expression: "this % 2u == 0u"}];
}

// How far it is.
enum State {
  STATE_UNSPECIFIED = 0;
  // Nothing was done yet.
  STATE_OPEN = 1;
}
`;
const projectOf = (): Promise<Project> => Project.create({ "proto/shop/v1/order.proto": order });

describe("bus docs", () => {
  it("writes a page for each topic: its settings, its fields with their rules in words, an example", async () => {
    const project = await projectOf();
    expect(await project.bus("docs")).toEqual({ code: 0, stdout: "docs/topics: 2 pages (2 written, 0 unchanged, 0 removed)\n", stderr: "" });
    expect(await project.read("docs/topics/README.md")).toContain(
      "| [orders.placed](orders.placed.md) | `shop.v1.OrderPlaced` | checkout (#checkout) | A customer has ordered something. |\n",
    );
    const page = await project.read("docs/topics/orders.placed.md");
    const sections = page.split(/^## /m);
    expect(sections.map((section) => section.split("\n")[0])).toEqual([
      "<!-- made by bus docs; changes are overwritten -->",
      "Fields",
      "Example",
      "Publish",
    ]);
    expect(sections[0]).toContain(`# orders.placed

A customer has ordered something.

Said once for each order.

| | |
|---|---|
| message | \`shop.v1.OrderPlaced\` in \`shop/v1/order.proto\` |
| key | \`customer\`: records of one key keep their order |
| partitions | 6 |
| retention | 7 days |
| cleanup | delete: records are deleted once the retention has passed |
| owner | checkout (#checkout) |
`);
    expect(sections[1]).toBe(`Fields

| field | type | presence | rules | meaning |
|---|---|---|---|---|
| \`customer\` | \`string\` | required | must be at most 20 characters | Who ordered: "ada" \\| "grace". |
| \`email\` | \`string\` | zero where left out, **sensitive** | must be a valid email address |  |
| \`total\` | \`int64\` | zero where left out | must be at least 0 and less than 1000 |  |
| \`discount\` | \`int64\` | zero where left out | must be at least 0 |  |
| \`items\` | list of \`shop.v1.Item\` | may be empty | must have at least 1 item; must have at most 9 items |  |
| \`points\` | map of \`string\` to \`int32\` | may be empty | each key must be at least 1 character |  |
| \`state\` | \`shop.v1.State\` | zero where left out | must be a declared value; must not be one of STATE_UNSPECIFIED |  |
| \`patience\` | \`duration\` | optional | must be at most 90 s |  |
| \`placed_at\` | \`timestamp\` | optional | must be in the past |  |
| \`card\` | \`string\` | one of \`payment\`, one is required | must match \`^[0-9]{4}$\` |  |
| \`voucher\` | \`bytes\` | one of \`payment\`, one is required | must be 4 bytes |  |

Of the whole message: the discount must not exceed the total.

### shop.v1.Item

So many of one article.

| field | type | presence | rules | meaning |
|---|---|---|---|---|
| \`article\` | \`string\` | zero where left out | must begin with "A-" |  |
| \`quantity\` | \`uint32\` | optional | must satisfy \`this % 2u == 0u\` |  |

### shop.v1.State

How far it is.

| value | number | meaning |
|---|---|---|
| \`STATE_UNSPECIFIED\` | 0 |  |
| \`STATE_OPEN\` | 1 | Nothing was done yet. |

`);
    const registry = compileContracts(await loadDescriptorSet("proto", project.folder));
    const json = /```json\n([^`]*)```/.exec(page)?.[1] ?? "";
    expect(registry.validate("shop.v1.OrderPlaced", registry.fromJson("shop.v1.OrderPlaced", json))).toEqual([]);
    expect(page).toContain(`POST {{gateway}}/topics/orders.placed\ncontent-type: application/json\nbus-message-type: shop.v1.OrderPlaced\n\n${json}`);
    // what is to be published in TypeScript is the same message
    const literal = /bus\.publish\(OrderPlaced, (\{.*?\n\})\);/s.exec(page)?.[1] ?? "";
    const message: unknown = runInNewContext(`(${literal})`, { Map, Uint8Array });
    expect(JSON.parse(registry.toJson("shop.v1.OrderPlaced", message))).toEqual(JSON.parse(json));
  });

  it("tells the rules of masks, and finds an Any that is not refused", async () => {
    const project = await Project.create({
      "proto/a/v1/a.proto": `syntax = "proto3";
package a.v1;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/field_mask.proto";
import "org/bus/v1/options.proto";
message A {
  option (org.bus.v1.topic) = {name: "a", partitions: 1, owner: {team: "a|b", channel: "#a"}};
  google.protobuf.FieldMask exact = 1 [(buf.validate.field).field_mask.const = {paths: ["a", "b"]}];
  google.protobuf.FieldMask within = 2 [(buf.validate.field).field_mask.in = "a"];
  google.protobuf.FieldMask without = 3 [(buf.validate.field).field_mask.not_in = "a"];
  google.protobuf.Any any = 4 [(buf.validate.field).any.not_in = "type.googleapis.com/a.v1.A"];
}
`,
    });
    expect((await project.bus("docs")).stderr).toBe("");
    const page = await project.read("docs/topics/a.md");
    for (const words of [
      'must have exactly the paths "a", "b"',
      'must have only paths of "a"',
      'must have no path of "a"',
      'must not be one of "type.googleapis.com/a.v1.A"',
      "| owner | a\\|b (#a) |",
    ]) {
      expect(page).toContain(words);
    }
  });

  it("tells a rule that is evaluated beside its field, and writes a page without an example where none is found", async () => {
    const topic = (name: string) => `option (org.bus.v1.topic) = {name: "${name}", partitions: 1, owner: {team: "a", channel: "#a"}};`;
    const project = await Project.create({
      "proto/a/v1/a.proto": `syntax = "proto3";
package a.v1;
import "buf/validate/validate.proto";
import "org/bus/v1/options.proto";
message A {
  ${topic("a")}
  string name = 1 [(buf.validate.field).cel = {id: "x", message: "must not be x", expression: "dyn(this) != dyn('x')"}];
  repeated string names = 2 [(buf.validate.field).repeated.items.cel = {id: "y", message: "must not be y", expression: "dyn(this) != dyn('y')"}];
}
message Impossible {
  ${topic("impossible")}
  string name = 1 [(buf.validate.field).string = {len: 3, contains: "four"}];
}
`,
    });
    expect(await project.bus("docs")).toMatchObject({ code: 0, stderr: "" });
    const page = await project.read("docs/topics/a.md");
    expect(page).toContain("| `name` | `string` | zero where left out | must not be x |  |");
    expect(page).toContain("| `names` | list of `string` | may be empty | each must not be y |  |");
    expect(page).not.toContain("Of the whole message");
    const impossible = await project.read("docs/topics/impossible.md");
    expect(impossible).toContain("## Example\n\nThere is none: no a.v1.Impossible.name was found that satisfies its rules");
    expect(impossible).not.toContain("## Publish");
  });

  it("keeps pages as they are, says which are stale, and removes those of topics that are no more", async () => {
    const project = await projectOf();
    await project.bus("docs");
    expect((await project.bus("docs", "--check")).code).toBe(0);
    await project.write("proto/shop/v1/order.proto", order.replace('"orders.placed"', '"orders.made"'));
    expect(await project.bus("docs", "--check")).toEqual({
      code: 1,
      stdout: "",
      stderr: "docs/topics is not up to date: README.md, orders.made.md, orders.placed.md (run bus docs)\n",
    });
    expect(JSON.parse((await project.bus("docs", "--json")).stdout)).toEqual({
      out: "docs/topics",
      written: ["README.md", "orders.made.md"],
      unchanged: [],
      removed: ["orders.placed.md"],
    });
    expect(await project.files("docs/topics")).toEqual(["README.md", "orders.made.md"]);
  });

  it("overwrites no file of another's, and tells where there is nothing to tell of", async () => {
    const project = await projectOf();
    await project.write("docs/topics/README.md", "# Ours\n");
    expect((await project.bus("docs")).stderr).toBe(
      `${join("docs/topics", "README.md")} was not written by bus docs and would be overwritten (move it, or choose another --out)\n`,
    );
    await project.write("proto/shop/v1/order.proto", 'syntax = "proto3"; package shop.v1; message Plain {}');
    expect((await project.bus("docs")).stderr).toBe("no message in proto declares a topic (give one the option (org.bus.v1.topic))\n");
  });
});

describe("bus example", () => {
  it("prints valid messages as JSON, by the name of a topic or a message", async () => {
    const project = await projectOf();
    const registry = compileContracts(await loadDescriptorSet("proto", project.folder));
    const { code, stdout } = await project.bus("example", "orders.placed");
    expect([code, registry.validate("shop.v1.OrderPlaced", registry.fromJson("shop.v1.OrderPlaced", stdout))]).toEqual([0, []]);
    const several = JSON.parse((await project.bus("example", "Item", "proto", "--count", "3", "--seed", "5", "--json")).stdout);
    expect(several).toEqual({ type: "shop.v1.Item", messages: expect.any(Array) });
    for (const message of several.messages)
      expect(registry.validate("shop.v1.Item", registry.fromJson("shop.v1.Item", JSON.stringify(message)))).toEqual([]);
    expect(several.messages).toHaveLength(3);
    expect(JSON.parse((await project.bus("example", "shop.v1.Item", "--count", "3", "--seed", "5", "--json")).stdout)).toEqual(several);
  });

  it("says what there is, and what is wrong with its options", async () => {
    const project = await projectOf();
    expect(await project.bus("example", "orders.plaed")).toEqual({
      code: 1,
      stdout: "",
      stderr: "no topic or message is called orders.plaed (there is orders.placed)\n",
    });
    expect(await project.bus("example", "orders.placed", "--count", "0")).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: option '--count <n>' argument '0' is invalid. It must be an integer from 1 to 2147483647.\n(bus --help tells more)\n",
    });
    await project.write("proto/shop/v1/order.proto", order.replace("max_len = 20", "len = 3, (buf.validate.field).string.min_len = 4"));
    expect((await project.bus("example", "orders.placed")).stderr).toMatch(
      /^no shop\.v1\.OrderPlaced\.customer was found that satisfies its rules; of the last/,
    );
  });
});
