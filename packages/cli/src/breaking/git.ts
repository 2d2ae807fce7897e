import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CommandFailure } from "../failure.js";

const execute = promisify(execFile);

/** The top folder of the git repository that `folder` lies in. @throws {CommandFailure} it lies in none */
export async function repositoryOf(folder: string): Promise<string> {
  return await git(folder, ["rev-parse", "--show-toplevel"]).catch(() => {
    throw new CommandFailure(`${folder} is in no git repository (bus breaking compares with a commit)`);
  });
}

/** The first of `refs` that names a commit, or undefined. */
export async function firstCommit(repository: string, refs: readonly string[]): Promise<string | undefined> {
  for (const ref of refs) {
    const exists = await git(repository, ["rev-parse", "--verify", "--quiet", `${ref}^{commit}`]).then(
      () => true,
      () => false,
    );
    if (exists) return ref;
  }
  return undefined;
}

/** Lays the contracts of a commit, and what configures buf, into a temporary folder; `use` gets that folder, which then goes. */
export async function withContractsOf<T>(repository: string, ref: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "bus-breaking-"));
  try {
    // an index of our own leaves the user's alone
    const env = { ...process.env, GIT_INDEX_FILE: join(folder, "index") };
    const files = join(folder, "files");
    await git(repository, ["read-tree", ref], env);
    const names = await git(repository, ["ls-files", "-z", "--", "*.proto", "buf.yaml", "**/buf.yaml"], env);
    await checkOut(
      repository,
      names.split("\0").filter((name) => name !== ""),
      files,
      env,
    );
    return await use(files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkOut(repository: string, names: readonly string[], folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const namesPerCall = 200;
  for (let start = 0; start < names.length; start += namesPerCall) {
    await git(repository, ["checkout-index", `--prefix=${folder}/`, "--", ...names.slice(start, start + namesPerCall)], env);
  }
}

async function git(folder: string, args: readonly string[], env = process.env): Promise<string> {
  const { stdout } = await execute("git", args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 });
  return stdout.trimEnd();
}
