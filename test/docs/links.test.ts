import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { localLinks } from "./markdown.js";
import { root } from "./root.js";

const documents = globSync(["*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md"], { cwd: root });

describe("documents", () => {
  test.each(documents)("%s links to what exists", (document) => {
    const missing = localLinks(readFileSync(join(root, document), "utf8")).filter((path) => !existsSync(join(root, dirname(document), path)));
    expect(missing).toEqual([]);
  });
});
