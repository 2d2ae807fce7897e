import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * As `mkdir` with `recursive`, which never ends, and keeps a core busy, where the file system answers ENOENT for a folder whose parent exists, as /proc does.
 *
 * @returns those that were not there, the outermost first
 */
export async function makeFolder(folder: string): Promise<readonly string[]> {
  if (await isFolder(folder)) return [];
  const made = dirname(folder) === folder ? [] : await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
    return [...made, folder];
  } catch (error) {
    // another process may have made it meanwhile
    if (await isFolder(folder)) return made;
    throw error;
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
