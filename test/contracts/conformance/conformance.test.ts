import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadDescriptorSet } from "@org/bus-cli";
import { describe, expect, it } from "vitest";
import { launchOfRunner, protoFolder, runConformance } from "./runner.js";

const testFolder = fileURLToPath(new URL("../..", import.meta.url));
const program = join(testFolder, "dist", "contracts", "conformance", "program.js");
const knownFailures = new URL("known-failures.txt", import.meta.url);

/** The names of tests in a list of known failures, of which each stands below a reason. */
function parseKnownFailures(text: string): readonly string[] {
  return text.split("\n\n").flatMap((paragraph) => {
    const lines = paragraph.split("\n").filter((line) => line !== "");
    const names = lines.filter((line) => !line.startsWith("#"));
    if (names.length > 0 && !lines[0]?.startsWith("# ")) throw new Error(`${names.join(", ")}: there is no reason above`);
    return names;
  });
}

const launch = launchOfRunner();
if ("reason" in launch) {
  const consequence = process.env.CI === "true" ? "FAIL, because CI=true" : "are SKIPPED";
  process.stderr.write(`\n*** no conformance tests of Google's: ${launch.reason}. They ${consequence}. ***\n\n`);
}

describe.skipIf("reason" in launch && process.env.CI !== "true")("Google's conformance tests", { timeout: 180_000 }, () => {
  it("pass in binary and JSON, for proto3, proto2 and editions, but for the known failures", async () => {
    if ("reason" in launch) throw new Error(launch.reason);
    const folder = await mkdtemp(join(tmpdir(), "bus-conformance-"));
    try {
      const descriptors = join(folder, "descriptors.binpb");
      await writeFile(descriptors, await loadDescriptorSet(protoFolder, testFolder));
      const { failures, successes, skipped } = await runConformance(launch, [process.execPath, program, descriptors]);
      const known = parseKnownFailures(await readFile(knownFailures, "utf8"));
      expect(Object.fromEntries([...failures].filter(([name]) => !known.includes(name)))).toEqual({});
      expect(known.filter((name) => !failures.has(name))).toEqual([]);
      expect(successes).toBeGreaterThan(5500);
      expect(skipped).toBe(0);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
