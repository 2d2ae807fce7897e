import { join, resolve } from "node:path";
import { CommandFailure } from "../failure.js";
import { type Problem, parseProblems } from "./problem.js";
import { runBuf } from "./run-buf.js";
import type { Workspace } from "./workspace.js";

/** What `buf lint` says of the files in the workspace's folder. @throws {CommandFailure} buf could not do its work */
export async function lint(workspace: Workspace, cwd: string): Promise<readonly Problem[]> {
  const problems = await check(["lint", ".", "--config", workspace.config], workspace.root, (path) => join(workspace.root, path), cwd);
  const files = new Set(workspace.files.values());
  return problems.filter(({ path, rule }) => path === undefined || rule === "COMPILE" || files.has(resolve(cwd, path)));
}

/**
 * What `buf breaking` says of the change from one image to another, both files.
 *
 * @param workspace what the second was built from
 * @throws {CommandFailure} buf could not do its work
 */
export async function breaking(before: string, after: string, workspace: Workspace, cwd: string): Promise<readonly Problem[]> {
  const args = ["breaking", after, "--against", before, "--exclude-imports", "--config", workspace.breakingConfig];
  return await check(args, workspace.root, (name) => join(workspace.module, name), cwd);
}

async function check(args: readonly string[], root: string, locate: (path: string) => string, cwd: string): Promise<readonly Problem[]> {
  const run = await runBuf([...args, "--error-format", "json"], root);
  const { problems, rest } = parseProblems(run.stdout.toString("utf8") + run.stderr, locate, cwd);
  if (rest !== "") throw new CommandFailure(rest);
  return problems;
}
