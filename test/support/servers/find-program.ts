import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of a program: on the PATH, or in one of the folders in which Debian has it; undefined where there is none. */
export function findProgram(name: string, debian: readonly string[] = []): string | undefined {
  const folders = [...debian, ...(process.env.PATH ?? "").split(delimiter), "/usr/sbin"];
  return folders
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Says once for the run that a server is missing, and what that means. */
export function tellMissing(server: string, reason: string, variable: string): void {
  const consequence = process.env.CI === "true" ? "FAIL, because CI=true" : "are SKIPPED";
  process.stderr.write(`\n*** no ${server}: ${reason}. The tests that need it ${consequence}. ${variable} uses one that runs. ***\n\n`);
}
