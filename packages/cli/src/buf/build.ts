import { join } from "node:path";
import { CommandFailure } from "../failure.js";
import { formatProblem, parseProblems } from "./problem.js";
import { runBuf } from "./run-buf.js";
import type { Workspace } from "./workspace.js";

/**
 * Bytes of a `FileDescriptorSet` with all files of the workspace and what they import, dependencies first, comments and positions included.
 *
 * @throws {CommandFailure} something does not compile: a line for each problem
 */
export async function buildDescriptorSet(workspace: Workspace, cwd: string): Promise<Uint8Array> {
  return await build(["--as-file-descriptor-set"], workspace, cwd);
}

/**
 * Bytes of an image of buf: a descriptor set that tells files from imports.
 *
 * @throws {CommandFailure} something does not compile: a line for each problem
 */
export async function buildImage(workspace: Workspace, cwd: string): Promise<Uint8Array> {
  return await build([], workspace, cwd);
}

async function build(options: readonly string[], workspace: Workspace, cwd: string): Promise<Uint8Array> {
  const args = ["build", ".", "--config", workspace.config, "--error-format", "json", "-o", "-#format=binpb", ...options];
  const run = await runBuf(args, workspace.root);
  if (run.exitCode === 0) return run.stdout;
  const { problems, rest } = parseProblems(run.stderr, (path) => join(workspace.root, path), cwd);
  throw new CommandFailure([...problems.map(formatProblem), rest].filter((line) => line !== "").join("\n"));
}
