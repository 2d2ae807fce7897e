import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { root } from "../docs/root.js";
import { canary } from "../support/canary.js";

const report = JSON.stringify({ numTotalTests: 6, numPassedTests: 4, numFailedTests: 0, numPendingTests: 2, numTodoTests: 0 });
const writeReport = `for argument; do case $argument in --outputFile.json=*) echo '${report}' > "\${argument#*=}";; esac; done`;

/** The scripts in a folder of their own, where programs that do nothing stand for what they call. */
describe("scripts/test.mjs", () => {
  let folder = "";

  const standIn = (name: string, script: string) => writeFile(join(folder, "node_modules/.bin", name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bus-npm-test-"));
    for (const name of ["packages", "examples", "node_modules/.bin", "test/support"]) await mkdir(join(folder, name), { recursive: true });
    await cp(join(root, "scripts"), join(folder, "scripts"), { recursive: true });
    await cp(join(root, "test/support/canary.txt"), join(folder, "test/support/canary.txt"));
    await writeFile(join(folder, "package.json"), JSON.stringify({ packageManager: "pnpm@0.0.0" }));
    for (const name of ["npx", "turbo", "biome", "tsc"]) await standIn(name, "exit 0");
    await standIn("vitest", writeReport);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** The exit code and the last two lines of what is printed; the time as `N s in total`. */
  async function runTests(): Promise<{ code: number; end: string[]; stdout: string; stderr: string }> {
    // the PATH of a system, without the programs of this workspace
    const running = promisify(execFile)(process.execPath, [join(folder, "scripts/test.mjs")], { env: { PATH: "/usr/bin:/bin" } });
    const { code, stdout, stderr } = await running.then(
      (output) => ({ ...output, code: 0 }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
    const lines = stdout.trimEnd().split("\n");
    return { code, end: lines.slice(-2).map((line) => line.replace(/^\d+\.\d s/, "N s")), stdout, stderr };
  }

  test("counts its steps and the tests", async () => {
    expect(await runTests()).toMatchObject({ code: 0, end: ["N s in total", "9 passed, 0 failed, 2 skipped"] });
  });

  test("says why, and counts all the same, when the installation or the build fails", async () => {
    await standIn("turbo", "echo no such type; exit 2");
    const built = await runTests();
    expect(built).toMatchObject({ code: 1, end: ["N s in total", "1 passed, 1 failed, 0 skipped"] });
    expect(built.stderr).toContain("no such type");
    await rm(join(folder, "node_modules/.install-stamp"));
    await standIn("npx", "echo no registry >&2; exit 7");
    const installed = await runTests();
    expect(installed).toMatchObject({ code: 1, end: ["N s in total", "0 passed, 1 failed, 0 skipped"] });
    expect(installed.stderr).toContain("no registry\nthe installation failed with exit code 7");
  });

  test("counts a vitest that leaves no report, or cannot be started, as failed", async () => {
    await standIn("vitest", "kill -9 $$");
    expect(await runTests()).toMatchObject({ code: 1, end: ["N s in total", "4 passed, 1 failed, 0 skipped"] });
    await rm(join(folder, "node_modules/.bin/vitest"));
    await rm(join(folder, "node_modules/.bin/tsc"));
    expect((await runTests()).end).toEqual(["N s in total", "3 passed, 2 failed, 0 skipped"]);
  });

  test.each([1, 2])("counts a vitest that prints a sensitive value as failed, and says in which line: to file descriptor %i", async (descriptor) => {
    // in two writes, with a colour within, and at the end of a line that does not end
    const [head, tail] = [canary.slice(0, 2), canary.slice(2)];
    const prints = `printf 'all well\\nno room for ${head}'; sleep 0.1; printf '\\033[31m${tail}a\\033[0m\\nall well\\nand ${canary}b'`;
    await standIn("vitest", `{ ${prints}; } >&${descriptor}\n${writeReport}`);
    const { code, end, stdout, stderr } = await runTests();
    expect({ code, end }).toEqual({ code: 1, end: ["N s in total", "8 passed, 1 failed, 2 skipped"] });
    expect(stderr.match(/^.*the value of a sensitive field was printed.*$/gm)?.map((line) => line.slice(line.indexOf("the value")))).toEqual([
      `the value of a sensitive field was printed: no room for ${canary}a`,
      `the value of a sensitive field was printed: and ${canary}b`,
    ]);
    // passed on as it is
    expect(descriptor === 1 ? stdout : stderr).toContain(`all well\nno room for ${head}\x1b[31m${tail}a\x1b[0m\nall well\nand ${canary}b`);
  });

  test("ends when vitest does, whoever still holds what it prints to", async () => {
    await standIn("vitest", `${writeReport}\nsleep 600 & echo "pid $!"`);
    const { code, stdout } = await runTests();
    process.kill(Number(/pid (\d+)/.exec(stdout)?.[1]));
    expect(code).toBe(0);
  });

  test("has pnpm ask nothing, since there may be no terminal to answer on", async () => {
    await standIn("npx", 'echo "$@" >&2');
    expect((await runTests()).stderr).toContain("pnpm@0.0.0 install --frozen-lockfile --config.confirmModulesPurge=false");
  });
});
