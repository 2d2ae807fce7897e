import { readdir, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import type { Clock } from "@org/bus-core";
import { formatOfName } from "../formats/format.js";

/** Where files are looked for. */
export interface Folder {
  readonly path: string;
  readonly match: RegExp | undefined;
  /** How long a file must not have changed, in ms; 0: it is taken as it is. */
  readonly settleMs: number;
}

interface Seen {
  readonly bytes: number;
  readonly modifiedMs: number;
  /** When it was first seen so. */
  readonly sinceMs: number;
}

/** Finds the files of a folder that are complete, again and again. Hidden ones, and those that end in `.part` or `.tmp`, never are. */
export class FileList {
  readonly #folder: Folder;
  #seen = new Map<string, Seen>();

  constructor(folder: Folder) {
    this.#folder = folder;
  }

  /** Paths in the folder, with `/`, in order. */
  async complete(clock: Clock): Promise<readonly string[]> {
    const names = await this.#names();
    if (this.#folder.settleMs === 0) return names;
    const seen = new Map<string, Seen>();
    for (const name of names) {
      const found = await statOf(join(this.#folder.path, name));
      if (found === undefined) continue;
      const before = this.#seen.get(name);
      const isSame = before?.bytes === found.size && before.modifiedMs === found.mtimeMs;
      seen.set(name, isSame ? before : { bytes: found.size, modifiedMs: found.mtimeMs, sinceMs: clock.now() });
    }
    this.#seen = seen;
    // the clock of a file server may be another: a file is complete by either of them
    const isSettled = ({ sinceMs, modifiedMs }: Seen) => clock.now() - Math.min(sinceMs, modifiedMs) >= this.#folder.settleMs;
    return [...seen].filter(([, file]) => isSettled(file)).map(([name]) => name);
  }

  async #names(): Promise<readonly string[]> {
    const { path, match } = this.#folder;
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(path, join(entry.parentPath, entry.name)).split(sep).join("/"))
      .filter((name) => !/(^|\/)\.|\.(part|tmp)$/.test(name) && (match === undefined ? formatOfName(name) !== undefined : name.search(match) !== -1))
      .sort();
  }
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
