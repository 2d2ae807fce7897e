import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian keeps its versions of PostgreSQL, whose programs are not on the PATH. */
const DEBIAN = "/usr/lib/postgresql";

/** The folder with `initdb` and `postgres`: on the PATH, else the newest that Debian has installed; undefined where there is none. */
export function postgresPrograms(): string | undefined {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...debian.map((version) => join(DEBIAN, version, "bin"))];
  return folders.find((folder) => folder !== "" && isProgram(join(folder, "initdb")) && isProgram(join(folder, "postgres")));
}

/** Why `startPostgres` cannot work on this machine; undefined where it can. */
export function whyPostgresCannotStart(): string | undefined {
  if (postgresPrograms() === undefined) return "neither initdb nor postgres is on the PATH (Debian: apt-get install postgresql)";
  if (isRoot() && serverUser() === undefined) return "PostgreSQL refuses to run as root, and there is no user postgres to run it as";
  return undefined;
}

/** Who runs the server: `postgres` where this process is root, for PostgreSQL refuses to be; else whoever runs this process. */
export function serverUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (!isRoot()) return undefined;
  try {
    const id = (flag: string): number => Number(execFileSync("id", [flag, "postgres"], { stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return undefined;
  }
}

const isRoot = (): boolean => process.getuid?.() === 0;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
