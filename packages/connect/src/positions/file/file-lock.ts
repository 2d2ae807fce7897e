import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { BusError } from "@org/bus-core";
import { makeFolder, messageOf } from "@org/bus-core/internal";
import { z } from "zod";

const owner = z.object({ id: z.string(), pid: z.number(), host: z.string(), started: z.string() });
type Owner = z.output<typeof owner>;

/** Of an owner on another machine, or in another container, of which only the file can tell. */
const refreshMs = 5_000;
const staleAfterMs = 30_000;

/**
 * Keeps a file to one process: by a file beside it that says whose it is. One that a process has left behind that is gone, killed with -9 for example, is
 * taken over at once; where that process was on another machine or in another container, when it has not been refreshed for 30 s.
 */
export class FileLock {
  private readonly refreshing: NodeJS.Timeout;

  private constructor(
    private readonly path: string,
    private readonly own: Owner,
  ) {
    this.refreshing = setInterval(() => void utimes(path, new Date(), new Date()).catch(() => {}), refreshMs);
    this.refreshing.unref();
  }

  /** @throws {BusError} `invalid_options` where another process has the file, or none can be kept there */
  static async take(file: string): Promise<FileLock> {
    try {
      await makeFolder(dirname(file));
      return await FileLock.takeIn(file);
    } catch (error) {
      if (error instanceof BusError) throw error;
      // what the file system refuses now it refuses in a minute
      throw new BusError("invalid_options", `positions cannot be kept in ${file}: ${messageOf(error)}`, { cause: error });
    }
  }

  private static async takeIn(file: string): Promise<FileLock> {
    const path = `${file}.lock`;
    const own: Owner = { id: randomUUID(), pid: process.pid, host: hostname(), started: startOf(process.pid) };
    try {
      await writeFile(path, JSON.stringify(own), { flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const other = await ownerOf(path);
      if (other !== undefined && (await isAtWork(path, other))) {
        const where = other.host === own.host ? "" : ` on ${other.host}`;
        throw new BusError(
          "invalid_options",
          `${file} is in use by process ${other.pid}${where}: a file of positions is for one process; stop that one, give this one a file of its own, or keep positions on Kafka (${path} says whose it is)`,
          { details: { pid: other.pid, host: other.host } },
        );
      }
      // as a whole: of two that take it over, the later has it, and the earlier finds that
      const next = `${path}.${own.id}`;
      await writeFile(next, JSON.stringify(own));
      await rename(next, path);
    }
    return new FileLock(path, own);
  }

  /** @throws {BusError} `fenced` when another process has taken it */
  async check(): Promise<void> {
    const other = await ownerOf(this.path);
    if (other?.id === this.own.id) return;
    const by = other === undefined ? `${this.path} is gone` : `process ${other.pid} on ${other.host} has taken it`;
    throw new BusError("fenced", `the file of positions is no longer this process's: ${by}`);
  }

  async release(): Promise<void> {
    clearInterval(this.refreshing);
    if ((await ownerOf(this.path))?.id === this.own.id) await rm(this.path, { force: true });
  }
}

/** Undefined for a file that is not there, or was left half written. */
async function ownerOf(path: string): Promise<Owner | undefined> {
  try {
    return owner.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

async function isAtWork(path: string, { pid, host, started }: Owner): Promise<boolean> {
  if (host !== hostname()) return Date.now() - (await stat(path)).mtimeMs < staleAfterMs;
  // a container that begins anew gives the same number to another process, and so do others in time
  return isAlive(pid) && startOf(pid) === started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** When a process was started, in whatever the system counts; "" where the system does not tell. */
function startOf(pid: number): string {
  try {
    // the name of the program, in brackets, may hold anything
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
