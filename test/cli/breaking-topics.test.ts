import { describe, expect, it } from "vitest";
import { Project } from "./support/project.js";

const head = `syntax = "proto3";

package shop.v1;

import "org/bus/v1/options.proto";
`;

/** A file with a message that has a topic: `orderPlaced` has `OrderPlaced` on the topic `orders.placed`. */
const declare = (message: string, topic: string): string => `${head}
message ${message} {
  option (org.bus.v1.topic) = {
    name: "${topic}"
    key_field: "customer"
    partitions: 6
    retention_ms: 604800000
    owner: {team: "checkout", channel: "#checkout"}
  };

  string id = 1;
  string customer = 2;
}
`;

const order = declare("OrderPlaced", "orders.placed");
const withoutTopic = (text: string): string => text.replace(/ {2}option[^;]*;\n/, "");

/** A repository with these files in proto/shop/v1, committed. */
async function repository(files: Readonly<Record<string, string>>, bufYaml?: string): Promise<Project> {
  const project = await Project.create(bufYaml === undefined ? {} : { "proto/buf.yaml": bufYaml });
  for (const [name, text] of Object.entries(files)) await project.write(`proto/shop/v1/${name}.proto`, text);
  await project.git("init", "--quiet");
  await project.commitAll("first");
  return project;
}

interface Change {
  readonly name: string;
  readonly edit: (text: string) => string;
  /** The lines that are printed, without the path. */
  readonly found: readonly string[];
}

const changes: readonly Change[] = [
  {
    name: "cleanup",
    edit: (text) => text.replace("partitions: 6", "partitions: 6 cleanup: CLEANUP_COMPACT"),
    found: [
      "11: topic cleanup of shop.v1.Cleanup: cleanup changes from delete to compact: of each key only the last record stays (TOPIC_SAME_CLEANUP)",
    ],
  },
  {
    name: "expired",
    edit: (text) => text.replace("604800000", "129600000"),
    found: [
      "12: topic expired of shop.v1.Expired: retention changes from 7 days to 36 hours: what is older is deleted, read or not (TOPIC_SAME_RETENTION)",
    ],
  },
  {
    name: "fewer",
    edit: (text) => text.replace("partitions: 6", "partitions: 3"),
    found: [
      "11: topic fewer of shop.v1.Fewer: partitions change from 6 to 3: Kafka takes no partitions away, so the topic has to be made anew (TOPIC_SAME_PARTITIONS)",
    ],
  },
  {
    name: "kept",
    edit: (text) => text.replace("604800000", "-1"),
    found: [
      "12: topic kept of shop.v1.Kept: retention changes from 7 days to for ever: the topic holds, and a new consumer reads, another span of time (TOPIC_SAME_RETENTION)",
    ],
  },
  {
    name: "keyed",
    edit: (text) => text.replace('key_field: "customer"', 'key_field: "id"'),
    found: [
      "10: topic keyed of shop.v1.Keyed: key field changes from customer to id: records of one key move to other partitions and lose their order (TOPIC_SAME_KEY_FIELD)",
    ],
  },
  {
    name: "keyless",
    edit: (text) => text.replace('    key_field: "customer"\n', ""),
    found: [
      "8: topic keyless of shop.v1.Keyless: key field changes from customer to none: records of one key spread over all partitions and lose their order (TOPIC_SAME_KEY_FIELD)",
    ],
  },
  {
    name: "lost",
    edit: withoutTopic,
    found: [
      " topic lost of shop.v1.Lost is no longer declared: its consumers lose their contract, and what it holds is not read on (TOPIC_NO_DELETE)",
    ],
  },
  {
    name: "moved",
    edit: (text) => `${withoutTopic(text)}${text.slice(head.length).replace("Moved", "Heir")}`,
    found: ["15: topic moved moves from shop.v1.Moved to shop.v1.Heir: consumers of the one read records of the other (TOPIC_SAME_MESSAGE)"],
  },
  {
    name: "numbered",
    edit: (text) => text.replace("customer = 2", "customer = 3"),
    found: [
      "10: topic numbered of shop.v1.Numbered: key field changes from customer (field 2) to customer (field 3): records of one key move to other partitions and lose their order (TOPIC_SAME_KEY_FIELD)",
    ],
  },
  {
    name: "owned",
    edit: (text) => text.replace('team: "checkout"', 'team: "fulfilment"'),
    found: [
      "13: topic owned of shop.v1.Owned: owner changes from checkout (#checkout) to fulfilment (#checkout): others answer for it (TOPIC_SAME_OWNER)",
    ],
  },
  {
    name: "renamed",
    edit: (text) => text.replace('name: "renamed"', 'name: "renamed.v2"'),
    found: [
      "9: topic renamed of shop.v1.Renamed: name changes from renamed to renamed.v2: what the old topic holds, and how far its consumers have read, stays behind (TOPIC_SAME_NAME)",
    ],
  },
  {
    name: "several",
    edit: (text) => text.replace("partitions: 6", "partitions: 7").replace("#checkout", "#orders"),
    found: [
      "11: topic several of shop.v1.Several: partitions change from 6 to 7: keys move to other partitions, so records of one key lose their order across the change (TOPIC_SAME_PARTITIONS)",
      "13: topic several of shop.v1.Several: owner changes from checkout (#checkout) to checkout (#orders): others answer for it (TOPIC_SAME_OWNER)",
    ],
  },
  { name: "words", edit: (text) => text.replaceAll("customer", "buyer").replace("message ", "// Is placed.\nmessage "), found: [] },
];

const original = (name: string): string => declare(`${name.charAt(0).toUpperCase()}${name.slice(1)}`, name);

describe("bus breaking, of topics", () => {
  it("names each change as what it is, and finds no fault with new topics, other words and a key field that is only renamed", async () => {
    const settings = "version: v2\nbreaking:\n  use: [WIRE]\n  except: [FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED]\n";
    const project = await repository(Object.fromEntries(changes.map(({ name }) => [name, original(name)])), settings);
    for (const { name, edit } of changes) await project.write(`proto/shop/v1/${name}.proto`, edit(original(name)));
    await project.write("proto/shop/v1/new.proto", original("new"));
    const { code, stdout } = await project.bus("breaking");
    expect(stdout.split("\n").slice(0, -1)).toEqual(changes.flatMap(({ name, found }) => found.map((line) => `proto/shop/v1/${name}.proto:${line}`)));
    expect(code).toBe(1);
  });

  it("says that a topic has gone with its file", async () => {
    const project = await repository({ order, other: `${head}message Other {}\n` });
    await project.remove("proto/shop/v1/order.proto");
    expect((await project.bus("breaking")).stdout).toBe(
      'Previously present file "shop/v1/order.proto" was deleted. (FILE_NO_DELETE)\n' +
        "topic orders.placed of shop.v1.OrderPlaced is no longer declared: its consumers lose their contract, and what it holds is not read on (TOPIC_NO_DELETE)\n",
    );
  });

  it("lets rules be broken this time with --allow, those of buf as well", async () => {
    const project = await repository({ order });
    await project.write("proto/shop/v1/order.proto", order.replace("partitions: 6", "partitions: 12").replace("string id", "bytes id"));
    const { stdout } = await project.bus("breaking", "--allow", "FIELD_SAME_TYPE", "--json");
    expect(JSON.parse(stdout)).toEqual({
      against: "main",
      problems: [
        { path: "proto/shop/v1/order.proto", line: 11, rule: "TOPIC_SAME_PARTITIONS", message: expect.stringMatching(/^topic orders.placed/) },
      ],
    });
    expect(await project.bus("breaking", "--allow", "FIELD_SAME_TYPE", "--allow", "TOPIC_SAME_PARTITIONS")).toEqual({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });

  it("lets rules be broken that the buf.yaml allows", async () => {
    const project = await repository({ order });
    await project.write("proto/shop/v1/order.proto", order.replace("partitions: 6", "partitions: 12"));
    await project.write("proto/buf.yaml", "version: v2\nbreaking:\n  ignore_only: {TOPIC_SAME_PARTITIONS: [shop/v1/order.proto]}\n");
    expect(await project.bus("breaking")).toEqual({ code: 0, stdout: "", stderr: "" });
    await project.write("proto/buf.yaml", "version: v2\nbreaking:\n  ignore_only: {TOPIC_SAME_OWNER: [shop/v1/order.proto]}\n");
    expect((await project.bus("breaking")).stdout).toContain("(TOPIC_SAME_PARTITIONS)\n");
  });
});
