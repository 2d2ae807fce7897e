import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { CommandFailure } from "../failure.js";
import { optionsProto, validateProto, writeIncludeFolder } from "../include/include-folder.js";
import { type BreakingSettings, settingsForBuf } from "./breaking-settings.js";
import { type BufModule, findOwnConfig } from "./own-config.js";
import { isIn } from "./paths.js";

/** What buf needs to compile a folder of contracts. */
export interface Workspace {
  /** Absolute. buf runs here, and the paths of `config` and of its problems start here. */
  readonly root: string;
  /** Absolute. The module that the folder lies in: import names start here. */
  readonly module: string;
  /** A buf.yaml of version 2, as JSON. */
  readonly config: string;
  /** The same for images of the folder's module, whose paths are import names. */
  readonly breakingConfig: string;
  /** What the project's own buf.yaml says of breaking changes in the folder. Its paths are absolute. */
  readonly breaking: BreakingSettings | undefined;
  /** The .proto files in the folder: absolute path by the name under which others import them. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Describes `folder` as a module of buf, together with the files that every contract may import. A buf.yaml in `folder`, or above it
 * up to `projectFolder`, adds its modules and its settings.
 *
 * @throws {CommandFailure} there is no such folder, or no contract in it, or its buf.yaml cannot be used
 */
export async function prepareWorkspace(folder: string, projectFolder: string): Promise<Workspace> {
  const found = await protoFilesIn(folder);
  const own = await findOwnConfig(folder, projectFolder);
  const modules: readonly BufModule[] = own?.modules ?? [{ path: folder }];
  const excluded = modules.flatMap((module) => module.excludes ?? []);
  const included = found.filter((file) => !excluded.some((path) => isIn(file, path)));
  const files = new Map(included.map((file) => [importName(file, modules, own?.file), file]));
  const include = await writeIncludeFolder(projectFolder);
  const root = commonFolder([include, ...modules.map((module) => module.path)]);
  // buf refuses rules that it does not know, also where it does not use them
  const { breaking: settingsOfAll, ...settings } = own?.settings ?? {};
  const config = {
    ...settings,
    version: "v2",
    modules: [
      ...modules.map(({ breaking: _breaking, ...module }) => ({
        ...module,
        excludes: [...(module.excludes ?? []), ...foldersToSkipIn(module.path, projectFolder)],
      })),
      ...includeModule(include, modules),
    ],
  };
  const module = moduleOf(folder, modules) ?? { path: folder };
  const breaking = module.breaking ?? settingsOfAll;
  const breakingConfig = withPathsFrom(module.path, { version: "v2", breaking: settingsForBuf(breaking) });
  return { root, module: module.path, config: withPathsFrom(root, config), breakingConfig, breaking, files };
}

/** JSON of a configuration in which all paths were absolute, and start at `root` now. */
function withPathsFrom(root: string, config: object): string {
  return JSON.stringify(config, (_key, value: unknown) =>
    typeof value === "string" && isAbsolute(value) ? relative(root, value).split(sep).join("/") || "." : value,
  );
}

async function protoFilesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => undefined);
  if (names === undefined) throw new CommandFailure(`folder ${folder} does not exist (name the folder of your .proto files)`);
  const files = names.filter((name) => name.endsWith(".proto") && !isSkipped(name)).map((name) => join(folder, name));
  if (files.length === 0) throw new CommandFailure(`folder ${folder} holds no .proto file`);
  return files.sort();
}

const skipped = ["node_modules", ".bus"];

function isSkipped(name: string): boolean {
  return name.split(sep).some((part) => skipped.includes(part));
}

/** buf takes all that lies in a module, also what was installed or prepared there. */
function foldersToSkipIn(module: string, projectFolder: string): string[] {
  return skipped.map((name) => join(projectFolder, name)).filter((path) => isIn(path, module) && existsSync(path));
}

function importName(file: string, modules: readonly BufModule[], configFile: string | undefined): string {
  const module = moduleOf(file, modules);
  if (module === undefined) throw new CommandFailure(`${file} is in none of the modules of ${configFile} (add its folder there)`);
  return relative(module.path, file).split(sep).join("/");
}

/** The innermost module that `path` lies in. */
function moduleOf(path: string, modules: readonly BufModule[]): BufModule | undefined {
  return modules.filter((module) => isIn(path, module.path)).sort((a, b) => b.path.length - a.path.length)[0];
}

/** The include folder as a module, without what the project has itself: buf refuses two files of one name. */
function includeModule(include: string, modules: readonly BufModule[]): { path: string; excludes: string[] }[] {
  const isOwn = (name: string) => modules.some((module) => existsSync(join(module.path, name)));
  const excludes = [validateProto, optionsProto].filter(isOwn).map((name) => join(include, dirname(name)));
  return excludes.length === 2 ? [] : [{ path: include, excludes }];
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0] ?? sep;
  while (!folders.every((folder) => isIn(folder, common))) {
    if (dirname(common) === common)
      throw new CommandFailure(`${folders.join(", ")} have no folder in common (put the contracts on the drive of the project)`);
    common = dirname(common);
  }
  return common;
}
