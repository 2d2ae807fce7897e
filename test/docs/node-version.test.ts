import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./root.js";

/** One figure for everything that a user installs or copies. */
describe("the Node that the packages need", () => {
  test("is the same in all of them, in the examples and in the documents", async () => {
    const engines = new Map<string, string>();
    for (const folder of ["packages", "examples"]) {
      for (const name of await readdir(join(root, folder))) {
        const manifest = JSON.parse(await readFile(join(root, folder, name, "package.json"), "utf8")) as { engines?: { node?: string } };
        engines.set(name, manifest.engines?.node ?? "none");
      }
    }
    expect(engines.size).toBeGreaterThan(15);
    const [version] = new Set(engines.values());
    expect(Object.fromEntries(engines)).toEqual(Object.fromEntries([...engines.keys()].map((name) => [name, version])));
    for (const document of ["README.md", "docs/getting-started.md"]) {
      expect(await readFile(join(root, document), "utf8"), document).toContain(`Node ${version?.replace(">=", "≥ ")}`);
    }
  });
});
