import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { prepareWorkspace } from "./workspace.js";

describe("prepareWorkspace", () => {
  let project: string;
  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), "bus-workspace-"));
  });
  afterEach(() => rm(project, { recursive: true }));

  const put = async (name: string, content = "") => {
    await mkdir(dirname(join(project, name)), { recursive: true });
    await writeFile(join(project, name), content);
  };
  const prepare = async (folder: string, cwd = "") => {
    const { root, config, breaking, breakingConfig, files } = await prepareWorkspace(join(project, folder), join(project, cwd));
    return { root, config: JSON.parse(config), breaking, breakingConfig: JSON.parse(breakingConfig), names: [...files.keys()] };
  };

  it("makes a module of the folder, and one of what may be imported", async () => {
    await put("proto/b/b.proto");
    await put("proto/a.proto");
    await put("proto/readme.md");
    expect(await prepare("proto")).toEqual({
      root: project,
      config: {
        version: "v2",
        modules: [
          { path: "proto", excludes: [] },
          { path: ".bus/include", excludes: [] },
        ],
      },
      breakingConfig: { version: "v2" },
      names: ["a.proto", "b/b.proto"],
    });
  });

  it("starts at the folder that holds both the contracts and the project", async () => {
    await put("protos/a.proto");
    await put("service/package.json");
    const { root, config } = await prepare("protos", "service");
    expect([root, config.modules.map(({ path }: { path: string }) => path)]).toEqual([project, ["protos", "service/.bus/include"]]);
  });

  it("leaves out of what may be imported what the project has itself", async () => {
    await put("proto/buf/validate/validate.proto");
    expect((await prepare("proto")).config.modules[1]).toEqual({ path: ".bus/include", excludes: [".bus/include/buf/validate"] });
    await put("proto/org/bus/v1/options.proto");
    expect((await prepare("proto")).config.modules).toEqual([{ path: "proto", excludes: [] }]);
  });

  it("takes modules and settings from an own buf.yaml, wherever it is, and turns its paths", async () => {
    await put(
      "contracts/buf.yaml",
      "version: v2\nmodules:\n  - path: own\n    excludes: [own/old]\n  - path: vendor\nbreaking:\n  use: [WIRE]\n  except: [TOPIC_SAME_OWNER]\n  ignore: [own/lab]\n",
    );
    await put("contracts/own/shop/a.proto");
    await put("contracts/own/old/b.proto");
    expect(await prepare("contracts/own")).toMatchObject({
      root: project,
      config: {
        modules: [{ path: "contracts/own", excludes: ["contracts/own/old"] }, { path: "contracts/vendor" }, { path: ".bus/include" }],
      },
      breaking: { use: ["WIRE"], except: ["TOPIC_SAME_OWNER"], ignore: [join(project, "contracts/own/lab")] },
      breakingConfig: { version: "v2", breaking: { use: ["WIRE"], except: [], ignore: ["lab"] } },
      names: ["shop/a.proto"],
    });
  });

  it("refuses an own buf.yaml of another version, and a folder that is in none of its modules", async () => {
    await put("proto/a.proto");
    await put("buf.yaml", "version: v1\n");
    await expect(prepare("proto")).rejects.toThrow(`${join(project, "buf.yaml")}: version must be v2 (run buf config migrate)`);
    await put("buf.yaml", "version: v2\nmodules:\n  - path: other\n");
    await expect(prepare("proto")).rejects.toThrow(
      `${join(project, "proto/a.proto")} is in none of the modules of ${join(project, "buf.yaml")} (add its folder there)`,
    );
  });
});
