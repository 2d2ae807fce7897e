import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const folder = dirname(fileURLToPath(import.meta.url));
const tool = "github.com/bufbuild/protovalidate/tools/protovalidate-conformance";

/** The conformance suite of protovalidate as a program, or why there is none. */
export type Harness = { readonly command: string } | { readonly reason: string };

/** The suite of the version in `go.mod`, which is built with Go and kept in the cache folder where it is not there yet. */
export async function prepareHarness(): Promise<Harness> {
  const version = /protovalidate\/tools (v\S+)/.exec(await readFile(join(folder, "go.mod"), "utf8"))?.[1] ?? "";
  const cache = process.env.BUS_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bus");
  const command = join(cache, `protovalidate-conformance-${version}`);
  if (existsSync(command)) return { command };
  await mkdir(cache, { recursive: true });
  const made = `${command}.${process.pid}`;
  try {
    await run("go", ["build", "-mod=readonly", "-trimpath", "-buildvcs=false", "-o", made, tool], { cwd: folder });
  } catch (error) {
    return { reason: `Go cannot build it: ${error instanceof Error ? error.message.trim() : String(error)}` };
  }
  await rename(made, command);
  return { command };
}

/** What came of a run. */
export interface Verdict {
  readonly passed: number;
  /** `suite: case`, of those that failed, or passed although they are known to fail. */
  readonly surprises: readonly string[];
  readonly output: string;
}

/** Runs all suites on `program`, a command and its arguments; compile-time and run-time errors are told apart. */
export async function runSuites(command: string, knownFailures: string, program: readonly string[]): Promise<Verdict> {
  // a machine that does other things as well takes its time for each of the 40 processes
  const args = ["--strict_error", "--timeout", "120s", "--expected_failures", knownFailures, ...program];
  const { stderr } = await run(command, args, { maxBuffer: 2 ** 28 }).catch((error: unknown) => error as { readonly stderr: string });
  let suite = "";
  const surprises: string[] = [];
  for (const line of stderr.split("\n")) {
    suite = /^--- \w+: (\S+)/.exec(line)?.[1] ?? suite;
    const name = /^ {4}--- \w+: (.+)/.exec(line)?.[1];
    if (name !== undefined) surprises.push(`${suite}: ${name}`);
  }
  const total = /\(failed: \d+, skipped: \d+, passed: (\d+), total: \d+\)\s*$/.exec(stderr);
  return { passed: Number(total?.[1] ?? 0), surprises, output: stderr };
}
