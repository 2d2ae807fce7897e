import { resolve } from "node:path";
import { CommandFailure } from "../failure.js";
import { type Problem, parseProblems } from "./problem.js";
import { runBuf } from "./run-buf.js";
import type { Workspace } from "./workspace.js";

/**
 * Runs `buf lint` or `buf breaking` and resolves with what it says of the files in the workspace's folder, or of no one file.
 *
 * @throws {CommandFailure} buf could not do its work
 */
export async function check(name: "lint" | "breaking", args: readonly string[], workspace: Workspace, cwd: string): Promise<readonly Problem[]> {
  const run = await runBuf([name, ".", "--config", workspace.config, "--error-format", "json", ...args], workspace.root);
  const { problems, rest } = parseProblems(run.stdout.toString("utf8") + run.stderr, workspace.root, cwd);
  if (rest !== "") throw new CommandFailure(rest);
  const files = new Set(workspace.files.values());
  return problems.filter(({ path, rule }) => path === undefined || rule === "COMPILE" || files.has(resolve(cwd, path)));
}
