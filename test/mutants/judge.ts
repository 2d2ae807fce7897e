import { spawn } from "node:child_process";
import type { Summary } from "../simulation/simulate.js";
import type { TransportName } from "../simulation/transports.js";
import type { Mutant } from "./mutants.js";
import type { TreeCopy } from "./tree-copy.js";

const node = ["--disable-warning=ExperimentalWarning", "--import", "./test/support/run-source.mjs"];

/** What came of a fault. */
export interface Verdict {
  readonly mutant: string;
  /**
   * `missed` nobody noticed; `unmet` it never met work in flight; `stale` it does not apply any more; `unsound` what failed with it fails
   * without it too, so the harness can tell nothing.
   */
  readonly verdict: "caught" | "missed" | "unmet" | "stale" | "unsound";
  readonly by: string;
}

function run(command: string, args: readonly string[], cwd: string): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject).on("close", (code) => resolve({ code, output }));
  });
}

/** Plays seeds in the copy, until one fails: so many from the first, or one only. */
export async function simulate(copy: TreeCopy, which: number | { readonly seed: number }, transport: TransportName = "memory"): Promise<Summary> {
  const chosen = typeof which === "number" ? ["--seeds", String(which)] : ["--seed", String(which.seed)];
  const args = ["test/simulation/main.ts", ...chosen, "--transport", transport, "--until-failure", "--json"];
  const { output } = await run(process.execPath, [...node, ...args], copy.root);
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) throw new Error(`the simulation did not come to its end:\n${output}`);
  return JSON.parse(last) as Summary;
}

/** Whether these test files pass in the copy. */
export async function pass(tests: readonly string[], copy: TreeCopy): Promise<boolean> {
  const { code } = await run(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--config", "test/mutants/vitest.config.ts", ...tests],
    copy.root,
  );
  return code === 0;
}

/** Puts a fault into the copy, looks whether anybody notices, and takes it out. The seed that notices it has to pass without it. */
export async function judge(mutant: Mutant, copy: TreeCopy, usualSeeds: number): Promise<Verdict> {
  const { name, tests = [], seeds = usualSeeds } = mutant;
  let restore: () => void;
  try {
    restore = copy.apply(mutant);
  } catch (error) {
    return { mutant: name, verdict: "stale", by: error instanceof Error ? error.message : String(error) };
  }
  try {
    const { failed, mutantReached } = await simulate(copy, seeds, mutant.transport);
    if (mutantReached.atWork === 0)
      return { mutant: name, verdict: "unmet", by: `reached ${mutantReached.times} times in ${seeds} seeds, never with work in flight` };
    const [seed] = failed;
    if (seed !== undefined) {
      restore();
      const without = await simulate(copy, { seed }, mutant.transport);
      if (without.failed.length > 0) return { mutant: name, verdict: "unsound", by: `seed ${seed} fails without the fault too` };
      return { mutant: name, verdict: "caught", by: `seed ${seed} (met at work ${mutantReached.atWork} times), which passes without the fault` };
    }
    if (tests.length === 0) return { mutant: name, verdict: "missed", by: `all promises were kept on ${seeds} seeds` };
    return { mutant: name, verdict: (await pass(tests, copy)) ? "missed" : "caught", by: tests.join(", ") };
  } finally {
    restore();
  }
}
