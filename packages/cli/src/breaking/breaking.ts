import { existsSync } from "node:fs";
import { realpath, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { buildImage } from "../buf/build.js";
import { breaking } from "../buf/check.js";
import type { Problem } from "../buf/problem.js";
import { prepareWorkspace } from "../buf/workspace.js";
import { CommandFailure } from "../failure.js";
import { firstCommit, repositoryOf, withContractsOf } from "./git.js";
import { topicProblems, topicsIn } from "./topic-problems.js";

/** Which contracts to compare, and with what. Paths are relative to `cwd`. */
export interface BreakingOptions {
  readonly folder: string;
  /** A git ref. @default "origin/main" where it exists, else "main" */
  readonly against?: string;
  /** Rules that may be broken this time: their problems are left out. */
  readonly allow?: readonly string[];
  readonly cwd: string;
}

/** What the comparison found. */
export interface BreakingResult {
  /** The ref that was compared with; absent: there was nothing to compare with, and `reason` says why. */
  readonly against?: string;
  readonly reason?: string;
  readonly problems: readonly Problem[];
}

const defaultRefs = ["origin/main", "main"];

/**
 * Compares the .proto files in a folder with those of a commit: every change after which what is deployed could not read what is
 * published, or the reverse, is a problem.
 *
 * @throws {CommandFailure} the ref that was asked for does not exist, or one of the two sides does not compile
 */
export async function findBreakingChanges({ folder, against, allow = [], cwd }: BreakingOptions): Promise<BreakingResult> {
  const target = resolve(cwd, folder);
  const workspace = await prepareWorkspace(target, cwd);
  const repository = await repositoryOf(cwd);
  const ref = await firstCommit(repository, against === undefined ? defaultRefs : [against]);
  if (ref === undefined) {
    if (against !== undefined) throw new CommandFailure(`${against} is no commit of ${repository} (fetch it, or name another with --against)`);
    return { reason: `${repository} has neither ${defaultRefs.join(" nor ")}`, problems: [] };
  }
  return await withContractsOf(repository, ref, async (files) => {
    const inCommit = (path: string) => join(files, relative(repository, path));
    const before = inCommit(await realpath(target));
    if (!existsSync(before)) return { reason: `${folder} does not exist in ${ref}`, problems: [] };
    const project = inCommit(await realpath(cwd));
    const [imageBefore, imageAfter] = [join(files, "before.binpb"), join(files, "after.binpb")];
    const workspaceBefore = await prepareWorkspace(before, project);
    const bytesBefore = await buildImage(workspaceBefore, files).catch((error: unknown) => {
      throw error instanceof CommandFailure ? new CommandFailure(`${ref} does not compile:\n${error.message}`) : error;
    });
    const bytesAfter = await buildImage(workspace, cwd);
    await writeFile(imageBefore, bytesBefore);
    await writeFile(imageAfter, bytesAfter);
    const problems = [
      ...(await breaking(imageBefore, imageAfter, workspace, cwd)),
      ...topicProblems(topicsIn(bytesBefore, workspaceBefore), topicsIn(bytesAfter, workspace), workspace, cwd),
    ];
    return { against: ref, problems: problems.filter(({ rule }) => !allow.includes(rule)) };
  });
}
