import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Project, runBus } from "../cli/support/project.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("protos/", () => {
  it("is in good style", async () => {
    expect(await runBus(root, ["lint", "protos"])).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("breaks nothing that is on the main branch", async () => {
    const { code, stdout } = await runBus(root, ["breaking", "protos", "--json"]);
    expect({ code, ...JSON.parse(stdout) }).toEqual({ code: 0, against: expect.stringMatching(/main$/), problems: [] });
  });

  it("would not get a breaking change past these tests", async () => {
    const project = await Project.create({});
    await cp(join(root, "protos"), join(project.folder, "protos"), { recursive: true });
    await project.git("init", "--quiet");
    await project.commitAll("as it is");
    const options = "protos/org/bus/v1/options.proto";
    const source = await readFile(join(root, options), "utf8");
    await project.write(options, source.replace("uint32 partitions", "int64 partitions"));
    const line = source.split("\n").findIndex((text) => text.includes("uint32 partitions")) + 1;
    expect(await project.bus("breaking", "protos")).toEqual({
      code: 1,
      stdout: `${options}:${line}:3: Field "3" with name "partitions" on message "Topic" changed type from "uint32" to "int64". (FIELD_SAME_TYPE)\n`,
      stderr: "1 problem\n",
    });
  });
});
