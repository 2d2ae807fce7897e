import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { prepareHarness, runSuites } from "./harness.js";
import { serve } from "./serve.js";
import { answer } from "./verdicts.js";

const client = fileURLToPath(new URL("client.mjs", import.meta.url));
const knownFailures = fileURLToPath(new URL("known-failures.yaml", import.meta.url));

const harness = await prepareHarness();
if ("reason" in harness) {
  const consequence = process.env.CI === "true" ? "FAIL, because CI=true" : "are SKIPPED";
  process.stderr.write(`\n*** no conformance tests of protovalidate: ${harness.reason}. They ${consequence}. ***\n\n`);
}

describe.skipIf("reason" in harness && process.env.CI !== "true")("the conformance tests of protovalidate", { timeout: 300_000 }, () => {
  it("pass, but for the known failures: verdicts, ids and paths of rules, paths of fields, kinds of errors", async () => {
    if ("reason" in harness) throw new Error(harness.reason);
    await using server = await serve(answer);
    const { passed, surprises, output } = await runSuites(harness.command, knownFailures, [process.execPath, client, server.address]);
    expect(surprises, output.slice(0, 10_000)).toEqual([]);
    expect(passed).toBeGreaterThan(2800);
  });
});
