import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { CommandFailure } from "./failure.js";
import { writeIfChanged } from "./write-if-changed.js";

describe("writeIfChanged", () => {
  it("makes the folders, and writes only what changed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "write-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, "a/b/c.ts");
    expect([await writeIfChanged(file, "x"), await writeIfChanged(file, "x"), await writeIfChanged(file, "y")]).toEqual([true, false, true]);
    expect(await readFile(file, "utf8")).toBe("y");
  });

  it("says why a file cannot be written", async () => {
    const folder = await mkdtemp(join(tmpdir(), "write-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "a"), "");
    const failure = await writeIfChanged(join(folder, "a/b/c.ts"), "x").catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandFailure);
    expect(String(failure)).toContain(`${join(folder, "a/b/c.ts")} cannot be written: EEXIST: file already exists, mkdir '${join(folder, "a")}'`);
  });

  it.runIf(process.platform === "linux")("ends where no folder can be made", async () => {
    await expect(writeIfChanged("/proc/nope/a.ts", "x")).rejects.toThrow(
      "/proc/nope/a.ts cannot be written: ENOENT: no such file or directory, mkdir '/proc/nope'",
    );
  });
});
