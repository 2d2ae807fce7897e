import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeFolder } from "@org/bus-core/internal";
import { CommandFailure } from "./failure.js";

/**
 * Writes through a temporary file, so that a reader never sees half of it. Resolves with whether there was something to write.
 *
 * @throws {CommandFailure} the file cannot be written
 */
export async function writeIfChanged(file: string, content: string): Promise<boolean> {
  const current = await readFile(file, "utf8").catch(() => undefined);
  if (current === content) return false;
  try {
    await makeFolder(dirname(file));
    const temporary = `${file}.${process.pid}.tmp`;
    await writeFile(temporary, content);
    await rename(temporary, file);
  } catch (error) {
    throw new CommandFailure(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
  return true;
}
