import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bus, Project, runBus } from "./support/project.js";

const order = `syntax = "proto3";

package shop.v1;

import "org/bus/v1/options.proto";

message OrderPlaced {
  string order_id = 1 [(org.bus.v1.sensitive) = true];
}
`;
const retyped = order.replace("string order_id", "bytes order_id");

describe("bus", () => {
  it("ends quietly when nobody reads its output", async () => {
    const child = spawn(process.execPath, [bus, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    expect([...(await once(child, "close")), stderr]).toEqual([141, null, ""]);
  });
});

describe("bus lint", () => {
  it("finds no fault with good style", async () => {
    const project = await Project.create({ "proto/shop/v1/order.proto": order });
    expect(await project.bus("lint")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("names the file, the line and the rule of bad style", async () => {
    const project = await Project.create({ "proto/shop/v1/order.proto": order.replace("order_id", "orderId") });
    expect(await project.bus("lint")).toEqual({
      code: 1,
      stdout: 'proto/shop/v1/order.proto:8:10: Field name "orderId" should be lower_snake_case, such as "order_id". (FIELD_LOWER_SNAKE_CASE)\n',
      stderr: "1 problem\n",
    });
  });

  it("uses the rules of an own buf.yaml", async () => {
    const project = await Project.create({
      "proto/buf.yaml": "version: v2\nlint:\n  except: [FIELD_LOWER_SNAKE_CASE]\n",
      "proto/shop/v1/order.proto": order.replace("order_id", "orderId"),
      "proto/old/order.proto": 'syntax = "proto3"; message A {}',
    });
    expect((await project.bus("lint")).stdout).toContain("proto/old/order.proto:1:1: Files must have a package defined. (PACKAGE_DEFINED)\n");
    await project.write("proto/buf.yaml", "version: v2\nlint:\n  except: [FIELD_LOWER_SNAKE_CASE]\n  ignore: [old]\n");
    expect(await project.bus("lint")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("prints JSON", async () => {
    const project = await Project.create({ "proto/shop/v1/order.proto": order.replace("shop.v1", "shop") });
    const { code, stdout } = await project.bus("lint", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout).problems.map(({ path, line, column, rule }: Record<string, unknown>) => [path, line, column, rule])).toEqual([
      ["proto/shop/v1/order.proto", 3, 1, "PACKAGE_DIRECTORY_MATCH"],
      ["proto/shop/v1/order.proto", 3, 1, "PACKAGE_VERSION_SUFFIX"],
    ]);
  });

  it("tells what does not compile", async () => {
    const project = await Project.create({ "proto/shop/v1/order.proto": order.replace("= 1", "1") });
    expect(await project.bus("lint")).toEqual({
      code: 1,
      stdout: "proto/shop/v1/order.proto:8:19: unexpected integer literal in definition\n",
      stderr: "1 problem\n",
    });
  });
});

describe("bus breaking", () => {
  it("compares with the main branch, as it is committed", async () => {
    const project = await repository();
    expect(await project.bus("breaking")).toEqual({ code: 0, stdout: "", stderr: "" });
    await project.write("proto/shop/v1/order.proto", retyped);
    expect(await project.bus("breaking")).toEqual({
      code: 1,
      stdout:
        'proto/shop/v1/order.proto:8:3: Field "1" with name "order_id" on message "OrderPlaced" changed type from "string" to "bytes". (FIELD_SAME_TYPE)\n',
      stderr: "1 problem\n",
    });
  });

  it("prefers the main branch of origin", async () => {
    const project = await repository();
    await project.git("update-ref", "refs/remotes/origin/main", "HEAD");
    await project.write("proto/shop/v1/order.proto", retyped);
    await project.commitAll("retype");
    expect(JSON.parse((await project.bus("breaking", "--json")).stdout)).toMatchObject({
      against: "origin/main",
      problems: [{ rule: "FIELD_SAME_TYPE" }],
    });
    expect(JSON.parse((await project.bus("breaking", "--json", "--against", "main")).stdout)).toEqual({ against: "main", problems: [] });
  });

  it("notices that a file has gone", async () => {
    const project = await repository();
    await project.write("proto/shop/v1/other.proto", order.replace("OrderPlaced", "Other"));
    await project.remove("proto/shop/v1/order.proto");
    expect((await project.bus("breaking")).stdout).toBe('Previously present file "shop/v1/order.proto" was deleted. (FILE_NO_DELETE)\n');
  });

  it("works from a folder within the repository, and leaves its index alone", async () => {
    const project = await repository();
    await project.write("proto/shop/v1/order.proto", retyped);
    await project.git("add", "proto");
    const index = await project.read(".git/index");
    expect((await runBus(join(project.folder, "proto"), ["breaking", "shop"])).stdout).toMatch(/^shop\/v1\/order\.proto:8:3: Field "1"/);
    expect(await project.read(".git/index")).toBe(index);
  });

  it("says loudly that there is no main branch or no such folder in it, and succeeds", async () => {
    const project = await Project.create({ "new/shop/v1/order.proto": order });
    await project.git("init", "--quiet");
    expect(await project.bus("breaking", "new")).toEqual({
      code: 0,
      stdout: "",
      stderr: `NOTHING COMPARED: ${project.folder} has neither origin/main nor main\n`,
    });
    await project.write("other.txt", "");
    await project.git("add", "other.txt");
    await project.git("commit", "--quiet", "--message", "first");
    expect((await project.bus("breaking", "new")).stderr).toBe("NOTHING COMPARED: new does not exist in main\n");
  });

  it("fails where what it was asked to compare with does not exist", async () => {
    const project = await repository();
    expect(await project.bus("breaking", "--against", "mian")).toEqual({
      code: 1,
      stdout: "",
      stderr: `mian is no commit of ${project.folder} (fetch it, or name another with --against)\n`,
    });
    const { code, stderr } = await (await Project.create({ "proto/shop/v1/order.proto": order })).bus("breaking");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/ is in no git repository \(bus breaking compares with a commit\)\n$/)]);
  });

  it("says which side does not compile", async () => {
    const project = await repository();
    await project.write("proto/shop/v1/order.proto", order.replace("= 1", "1"));
    await project.commitAll("break");
    await project.write("proto/shop/v1/order.proto", order);
    expect(await project.bus("breaking")).toEqual({
      code: 1,
      stdout: "",
      stderr: "main does not compile:\nproto/shop/v1/order.proto:8:19: unexpected integer literal in definition\n",
    });
  });

  async function repository(): Promise<Project> {
    const project = await Project.create({ "proto/shop/v1/order.proto": order, "data/large.bin": "not a contract" });
    await project.git("init", "--quiet");
    await project.commitAll("first");
    return project;
  }
});

describe("bus", () => {
  it("prints its version and its help", async () => {
    const project = await Project.create({});
    expect(await project.bus("--version")).toEqual({ code: 0, stdout: "0.1.0\n", stderr: "" });
    const { code, stdout } = await project.bus("--help");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Exit codes: 0 success, 1 failure or problems found, 2 wrong usage.\n")]);
  });

  it.each([
    [["frob"], "error: unknown command 'frob'"],
    [["gen", "--frob"], "error: unknown option '--frob'"],
    [["gen", "a", "b"], "error: too many arguments for 'gen'. Expected 1 argument but got 2: a, b."],
    [["gen", "--out"], "error: option '--out <dir>' argument missing"],
  ])("refuses the wrong usage %j with exit code 2", async (args, message) => {
    const project = await Project.create({});
    expect(await project.bus(...args)).toEqual({ code: 2, stdout: "", stderr: `${message}\n(bus --help tells more)\n` });
  });
});
