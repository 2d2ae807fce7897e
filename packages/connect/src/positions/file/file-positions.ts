import { open, readFile, rename } from "node:fs/promises";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import { z } from "zod";
import type { SplitPosition } from "../../task/split/split-log.js";
import { LocalPositions } from "../local-positions.js";
import type { PositionStore } from "../position-store.js";
import { storedPosition } from "../stored-position.js";
import { FileLock } from "./file-lock.js";

const content = z.record(z.string(), z.record(z.string(), storedPosition));

type Stored = Map<string, ReadonlyMap<string, SplitPosition>>;

/** Each file of this process: connectors that share one write it in turns. */
const files = new Map<string, PositionsFile>();

/**
 * Keeps positions in one JSON file, for connectors that run in one process only: a second one is refused. Written as a whole, and in place of the old one
 * only when it is on disk.
 */
export function filePositions(path: string): PositionStore {
  return {
    async open(connector) {
      await files.get(path)?.leaving;
      const file = files.get(path) ?? new PositionsFile(path);
      files.set(path, file);
      const positions = await file.open(connector);
      return new LocalPositions(
        positions,
        (changed) => file.write(connector, changed),
        () => file.close(),
      );
    },
    stored: async (connector) => (await load(path)).get(connector) ?? new Map(),
  };
}

/** The file while it is this process's. */
class PositionsFile {
  private readonly opened: Promise<{ readonly lock: FileLock; readonly stored: Stored }>;
  private last: Promise<void> = Promise.resolve();
  /** The write that has not begun. */
  private next: Promise<void> | undefined;
  private readonly changed = new Map<string, ReadonlyMap<string, SplitPosition>>();
  private users = 0;
  /** Resolves when the file is nobody's; undefined while it has users. */
  leaving: Promise<void> | undefined;

  constructor(private readonly path: string) {
    this.opened = this.take();
    this.opened.catch(() => files.delete(path));
  }

  async open(connector: string): Promise<ReadonlyMap<string, SplitPosition>> {
    this.users++;
    return (await this.opened).stored.get(connector) ?? new Map();
  }

  /** What comes while the file is being written waits for that, and goes with all others that wait into one write. */
  write(connector: string, positions: ReadonlyMap<string, SplitPosition>): Promise<void> {
    this.changed.set(connector, positions);
    this.next ??= this.last.then(() => this.writeChanged());
    const written = this.next;
    this.last = written.catch(() => {});
    return written;
  }

  /** When its last user has left, it is free for other processes. */
  async close(): Promise<void> {
    if (--this.users > 0) return;
    this.leaving = this.leave();
    await this.leaving;
  }

  private async leave(): Promise<void> {
    try {
      await this.last;
      await (await this.opened).lock.release();
    } finally {
      files.delete(this.path);
    }
  }

  private async writeChanged(): Promise<void> {
    this.next = undefined;
    const { lock, stored } = await this.opened;
    await lock.check();
    for (const [connector, positions] of this.changed) stored.set(connector, positions);
    this.changed.clear();
    await this.replace(JSON.stringify(Object.fromEntries([...stored].map(([name, splits]) => [name, Object.fromEntries(splits)])), undefined, 2));
  }

  private async take(): Promise<{ readonly lock: FileLock; readonly stored: Stored }> {
    const lock = await FileLock.take(this.path);
    try {
      return { lock, stored: await load(this.path) };
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private async replace(text: string): Promise<void> {
    const next = `${this.path}.next`;
    const handle = await open(next, "w");
    try {
      await handle.writeFile(`${text}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, this.path);
  }
}

async function load(path: string): Promise<Stored> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw new BusError("invalid_options", `the positions file ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  try {
    const read = content.parse(JSON.parse(text));
    return new Map(Object.entries(read).map(([connector, splits]) => [connector, new Map(Object.entries(splits))]));
  } catch (error) {
    throw new BusError("invalid_options", `the positions file ${path} holds no positions: ${messageOf(error)}`, { cause: error });
  }
}
