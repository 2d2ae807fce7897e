import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BusError } from "@org/bus-core";
import { makeFolder } from "@org/bus-core/internal";
import type { FinishedPart, OpenPart, PartStore } from "../parts/part-store.js";

const unfinished = ".part";

/** Parts as files. An unfinished one is hidden (`.NAME.RANDOM.part`), and is renamed when all of it is on the disk. */
export class FolderStore implements PartStore {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async create(folder: string, name: string): Promise<OpenPart> {
    const path = join(this.#root, folder, name);
    await makeLastingFolder(dirname(path));
    return await FilePart.open(path, join(dirname(path), `.${name}.${randomBytes(6).toString("hex")}${unfinished}`));
  }

  async takeOver(folder: string, prefix: string): Promise<readonly FinishedPart[]> {
    const path = join(this.#root, folder);
    const found: FinishedPart[] = [];
    for (const name of await namesIn(path)) {
      if (name.startsWith(`.${prefix}`) && name.endsWith(unfinished)) await rm(join(path, name), { force: true });
      if (!name.startsWith(prefix)) continue;
      const version = await versionOf(join(path, name));
      if (version !== undefined) found.push({ name, version });
    }
    return found;
  }

  async note(folder: string, prefix: string, text: string): Promise<void> {
    const path = this.#notePath(folder, prefix);
    await writeFile(`${path}${unfinished}`, text, { flush: true });
    await rename(`${path}${unfinished}`, path);
    await syncFolder(dirname(path));
  }

  async noted(folder: string, prefix: string): Promise<string | undefined> {
    return await unlessAbsent(() => readFile(this.#notePath(folder, prefix), "utf8"));
  }

  #notePath(folder: string, prefix: string): string {
    return join(this.#root, folder, `.${prefix}ends`);
  }

  async remove(folder: string, { name, version }: FinishedPart): Promise<void> {
    const path = join(this.#root, folder, name);
    if ((await versionOf(path)) !== version) return;
    await rm(path);
    await syncFolder(dirname(path));
  }
}

class FilePart implements OpenPart {
  readonly #path: string;
  readonly #hidden: string;
  readonly #file: FileHandle;

  private constructor(path: string, hidden: string, file: FileHandle) {
    this.#path = path;
    this.#hidden = hidden;
    this.#file = file;
  }

  static async open(path: string, hidden: string): Promise<FilePart> {
    return new FilePart(path, hidden, await open(hidden, "wx"));
  }

  async append(bytes: Uint8Array): Promise<void> {
    await this.#file.writeFile(bytes);
  }

  async finish(replaces: string | undefined): Promise<string> {
    await this.#file.sync();
    await this.#file.close();
    // whoever else writes this partition has been given it, and this process has not noticed yet
    if ((await versionOf(this.#path)) !== replaces) {
      await rm(this.#hidden, { force: true });
      throw new BusError("fenced", `another process has written ${this.#path} meanwhile, this one begins anew from the stored position`, {
        retryable: true,
      });
    }
    // renaming leaves it what it is
    const version = await versionOf(this.#hidden);
    await rename(this.#hidden, this.#path);
    await syncFolder(dirname(this.#path));
    return version ?? "";
  }

  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#hidden, { force: true });
  }
}

/** The folders outlive a crash of the machine, as the files in them do. */
async function makeLastingFolder(path: string): Promise<void> {
  for (const made of await makeFolder(path)) await syncFolder(dirname(made));
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders
  if (process.platform === "win32") return;
  const folder = await open(path);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  return (await unlessAbsent(() => readdir(path))) ?? [];
}

async function versionOf(path: string): Promise<string | undefined> {
  const found = await unlessAbsent(() => stat(path, { bigint: true }));
  return found === undefined ? undefined : `${found.ino}.${found.size}.${found.mtimeNs}`;
}

async function unlessAbsent<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
