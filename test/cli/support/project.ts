import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The program, as it was built. */
export const bus = fileURLToPath(new URL("../../../packages/cli/bin/bus.js", import.meta.url));

/** How a command ended, and what it printed. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `bus` to its end. */
export function runBus(folder: string, args: readonly string[]): Promise<Outcome> {
  return execute(process.execPath, [bus, ...args], folder);
}

/** A project of a user, in a temporary folder that goes when the test ends. */
export class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async create(files: Readonly<Record<string, string>>): Promise<Project> {
    const folder = await realpath(await mkdtemp(join(tmpdir(), "bus-cli-")));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const project = new Project(folder);
    for (const [name, content] of Object.entries(files)) await project.write(name, content);
    return project;
  }

  async write(name: string, content: string): Promise<void> {
    const file = join(this.folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }

  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  remove(name: string): Promise<void> {
    return rm(join(this.folder, name), { recursive: true });
  }

  /** Names of all files below `folder`, sorted, with slashes. */
  async files(folder: string): Promise<string[]> {
    const top = join(this.folder, folder);
    const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
    const names = entries.filter((entry) => entry.isFile()).map((entry) => relative(top, join(entry.parentPath, entry.name)).split(sep).join("/"));
    return names.sort();
  }

  bus(...args: string[]): Promise<Outcome> {
    return runBus(this.folder, args);
  }

  async git(...args: string[]): Promise<void> {
    const settings = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"];
    const { code, stderr } = await execute("git", [...settings, ...args], this.folder);
    if (code !== 0) throw new Error(`git ${args.join(" ")}: ${stderr}`);
  }

  async commitAll(message: string): Promise<void> {
    await this.git("add", "--all");
    await this.git("commit", "--quiet", "--message", message);
  }
}

function execute(command: string, args: readonly string[], cwd: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(command, args, { cwd }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, stdout, stderr });
    });
  });
}
