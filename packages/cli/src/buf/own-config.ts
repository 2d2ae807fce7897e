import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { CommandFailure } from "../failure.js";
import type { BreakingSettings } from "./breaking-settings.js";

/** A buf.yaml that the project has itself. Its paths are absolute. */
export interface OwnConfig {
  readonly file: string;
  readonly modules: readonly BufModule[];
  /** Everything else at its top level: the settings of lint and breaking. */
  readonly settings: { readonly breaking?: BreakingSettings | undefined; readonly [setting: string]: unknown };
}

/** A module of a buf.yaml, with its own settings of lint and breaking. Its paths are absolute. */
export interface BufModule {
  readonly path: string;
  readonly excludes?: readonly string[] | undefined;
  readonly breaking?: BreakingSettings | undefined;
  readonly [setting: string]: unknown;
}

/** What the bus brings itself, from no registry. */
const builtInDependency = /\/bufbuild\/protovalidate(:|$)/;

/**
 * The buf.yaml in `folder`, or in a folder above it up to `projectFolder`, or undefined.
 *
 * @throws {CommandFailure} it is of another version than 2, or depends on a module of a registry
 */
export async function findOwnConfig(folder: string, projectFolder: string): Promise<OwnConfig | undefined> {
  const file = foldersFrom(folder, projectFolder)
    .map((candidate) => join(candidate, "buf.yaml"))
    .find((candidate) => existsSync(candidate));
  if (file === undefined) return undefined;
  const result = bufYaml(dirname(file)).safeParse(parse(await readFile(file, "utf8")));
  if (!result.success) {
    throw new CommandFailure(result.error.issues.map((issue) => `${file}: ${issue.path.join(".")} ${issue.message}`).join("\n"));
  }
  const { version: _version, modules, deps, ...settings } = result.data;
  const fetched = deps.filter((name) => !builtInDependency.test(name));
  if (fetched.length > 0) {
    throw new CommandFailure(
      `${file}: deps ${fetched.join(", ")} would be fetched from a registry (put their files into a folder and add it to modules)`,
    );
  }
  return { file, modules, settings };
}

/** `folder` and those above it up to `projectFolder`; of a folder elsewhere, the two. */
function foldersFrom(folder: string, projectFolder: string): string[] {
  const between = relative(projectFolder, folder);
  if (between.startsWith("..")) return [folder, projectFolder];
  const depth = between === "" ? 0 : between.split(/[\\/]/).length;
  return Array.from({ length: depth + 1 }, (_, up) => resolve(folder, ...new Array<string>(up).fill("..")));
}

function bufYaml(folder: string) {
  const path = z.string().transform((name) => resolve(folder, name));
  const rules = z.looseObject({ ignore: z.array(path).optional(), ignore_only: z.record(z.string(), z.array(path)).optional() });
  const breakingRules = rules.extend({
    use: z.array(z.string()).optional(),
    except: z.array(z.string()).optional(),
    ignore_unstable_packages: z.boolean().optional(),
  });
  const settings = { lint: rules.optional(), breaking: breakingRules.optional() };
  return z.looseObject({
    ...settings,
    version: z.literal("v2", { error: "must be v2 (run buf config migrate)" }),
    modules: z.array(z.looseObject({ ...settings, path: path.default(folder), excludes: z.array(path).optional() })).default([{ path: folder }]),
    deps: z.array(z.string()).default([]),
  });
}
