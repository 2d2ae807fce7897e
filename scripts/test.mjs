// `npm test`: install, build, lint, types, all tests. `npm test -- PATTERN` runs only the test files that match.
// However it ends, its last line is `N passed, N failed, N skipped`, and the line before says how long it took.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { searchOutput } from "./search-output.mjs";
import { build, run, say, tryInstall } from "./workspace.mjs";

const patterns = process.argv.slice(2);
const beganAt = performance.now();
const totals = { passed: 0, failed: 0, skipped: 0 };

function secondsSince(startedAt) {
  return ((performance.now() - startedAt) / 1000).toFixed(1);
}

async function step(name, work) {
  const startedAt = performance.now();
  say(`\n── ${name}`);
  const code = await work().catch((error) => {
    say(String(error));
    return 1;
  });
  const ok = code === 0;
  totals[ok ? "passed" : "failed"] += 1;
  say(`── ${name}: ${ok ? "ok" : "FAILED"} in ${secondsSince(startedAt)} s`);
  return ok;
}

/**
 * Runs vitest and adds its own count of tests. A run that counts nothing, leaves no report, or prints the value of a sensitive field, is a failure,
 * whatever its exit code.
 */
async function vitest() {
  const folder = mkdtempSync(join(tmpdir(), "bus-test-"));
  const file = join(folder, "report.json");
  const output = searchOutput();
  // what is read here is no terminal for vitest: it is told of the one behind it
  const terminal = process.stdout.isTTY && !process.env.CI ? { flags: ["--color"], env: { BUS_TEST_TERMINAL: "1" } } : { flags: [], env: {} };
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...terminal.flags, ...patterns];
  const code = await run("vitest", args, { stdio: ["inherit", "pipe", "pipe"], env: terminal.env }, output.onOutput);
  const leaks = output.found();
  for (const line of leaks) say(`the value of a sensitive field was printed: ${line}`);
  try {
    const report = JSON.parse(readFileSync(file, "utf8"));
    totals.passed += report.numPassedTests;
    totals.failed += report.numFailedTests;
    totals.skipped += report.numPendingTests + report.numTodoTests;
    return report.numTotalTests === 0 || leaks.length > 0 ? 1 : code;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

say("npm test: build, lint, types, then every test (a real Kafka included)");
if ((await step("install", tryInstall)) && (await step("build", build))) {
  await step("lint", () => run("biome", ["check", "--error-on-warnings", "."]));
  await step("types", () => run("tsc", ["-p", "tsconfig.test.json"]));
  await step("tests", vitest);
}
console.log(`\n${secondsSince(beganAt)} s in total\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;
