import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { BusError } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import { z } from "zod";
import type { SplitPosition } from "../task/split/split-log.js";
import { LocalPositions } from "./local-positions.js";
import type { PositionStore } from "./position-store.js";
import { storedPosition } from "./stored-position.js";

const content = z.record(z.string(), z.record(z.string(), storedPosition));

/** Each file of this process: connectors that share one write it in turns. */
const files = new Map<string, PositionsFile>();

/** Keeps positions in one JSON file, for connectors that run in one process only. Written as a whole, and in place of the old one only when it is on disk. */
export function filePositions(path: string): PositionStore {
  return {
    async open(connector) {
      const file = files.get(path) ?? new PositionsFile(path);
      files.set(path, file);
      return new LocalPositions(await file.of(connector), (positions) => file.write(connector, positions));
    },
  };
}

class PositionsFile {
  private readonly loaded: Promise<Map<string, ReadonlyMap<string, SplitPosition>>>;
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly path: string) {
    this.loaded = this.load();
    this.loaded.catch(() => files.delete(path));
  }

  async of(connector: string): Promise<ReadonlyMap<string, SplitPosition>> {
    return (await this.loaded).get(connector) ?? new Map();
  }

  write(connector: string, positions: ReadonlyMap<string, SplitPosition>): Promise<void> {
    const written = this.last.then(async () => {
      const all = await this.loaded;
      all.set(connector, positions);
      await this.replace(JSON.stringify(Object.fromEntries([...all].map(([name, splits]) => [name, Object.fromEntries(splits)])), undefined, 2));
    });
    this.last = written.catch(() => {});
    return written;
  }

  private async replace(text: string): Promise<void> {
    const next = `${this.path}.next`;
    await mkdir(dirname(this.path), { recursive: true });
    const handle = await open(next, "w");
    try {
      await handle.writeFile(`${text}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, this.path);
  }

  private async load(): Promise<Map<string, ReadonlyMap<string, SplitPosition>>> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return new Map();
      throw new BusError("invalid_options", `the positions file ${this.path} cannot be read: ${messageOf(error)}`, { cause: error });
    }
    try {
      const read = content.parse(JSON.parse(text));
      return new Map(Object.entries(read).map(([connector, splits]) => [connector, new Map(Object.entries(splits))]));
    } catch (error) {
      throw new BusError("invalid_options", `the positions file ${this.path} holds no positions: ${messageOf(error)}`, { cause: error });
    }
  }
}
