import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { countFeed } from "./feed-counts.js";
import { runCommand } from "./run-program.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

describe("npm start", { timeout: 120_000 }, () => {
  test("prints one JSON document alone on stdout, without a banner of npm", async () => {
    const { code, stdout, stderr } = await runCommand("npm", ["start", "--", "--json"], { cwd: root });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ published: countFeed().total });
  });
});
