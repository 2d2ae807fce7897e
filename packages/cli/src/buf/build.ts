import { CommandFailure } from "../failure.js";
import { formatProblem, parseProblems } from "./problem.js";
import { type BufRun, runBuf } from "./run-buf.js";
import type { Workspace } from "./workspace.js";

/** Bytes of a `FileDescriptorSet` with all files of the workspace and what they import, dependencies first, comments and positions included. */
export async function buildDescriptorSet(workspace: Workspace, cwd: string): Promise<Uint8Array> {
  const args = ["build", ".", "--config", workspace.config, "--as-file-descriptor-set", "--error-format", "json", "-o", "-#format=binpb"];
  const run = await runBuf(args, workspace.root);
  if (run.exitCode !== 0) throw compileFailure(run, workspace, cwd);
  return run.stdout;
}

function compileFailure({ stderr }: BufRun, workspace: Workspace, cwd: string): CommandFailure {
  const { problems, rest } = parseProblems(stderr, workspace.root, cwd);
  return new CommandFailure([...problems.map(formatProblem), rest].filter((line) => line !== "").join("\n"));
}
