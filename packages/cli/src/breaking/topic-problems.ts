import { join, relative } from "node:path";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type DeclaredTopic, declaredTopics } from "@org/bus-core/compiler";
import { isAllowed } from "../buf/breaking-settings.js";
import type { Problem } from "../buf/problem.js";
import type { Workspace } from "../buf/workspace.js";
import { findTopicChanges } from "./topic-changes.js";

/** The topics that the files of the workspace's folder declare, in an image that was built from it. */
export function topicsIn(image: Uint8Array, workspace: Workspace): readonly DeclaredTopic[] {
  const { files } = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  return declaredTopics([...files]).filter(({ file }) => workspace.files.has(file));
}

/** The changes of topics that the workspace does not allow, as problems in its files. */
export function topicProblems(
  before: readonly DeclaredTopic[],
  after: readonly DeclaredTopic[],
  workspace: Workspace,
  cwd: string,
): readonly Problem[] {
  return findTopicChanges(before, after).flatMap(({ rule, message, at, field, isGone }) => {
    const path = join(workspace.module, at.file);
    if (isAllowed(workspace.breaking, rule, path, at.packageName)) return [];
    const line = isGone ? undefined : at.lineOf(field);
    return { ...(workspace.files.has(at.file) && { path: relative(cwd, path) }), ...(line !== undefined && { line }), rule, message };
  });
}
