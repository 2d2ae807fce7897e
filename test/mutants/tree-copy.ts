import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Mutant } from "./mutants.js";

const leftOut = new Set(["dist", ".turbo", ".cache", "results"]);

/** A copy of the sources in a temporary folder, in which one fault at a time can be put. What is installed is shared with the original. */
export class TreeCopy {
  readonly root = mkdtempSync(join(tmpdir(), "bus-mutants-"));

  constructor(original: string) {
    const isWanted = (path: string) => !leftOut.has(basename(path));
    for (const folder of ["packages", "test"]) {
      // links between packages stay relative, so they lead to the copy
      cpSync(join(original, folder), join(this.root, folder), { recursive: true, verbatimSymlinks: true, filter: isWanted });
    }
    for (const file of ["package.json", "tsconfig.base.json"]) cpSync(join(original, file), join(this.root, file));
    symlinkSync(join(original, "node_modules"), join(this.root, "node_modules"));
  }

  /** Puts the fault in; the returned function takes it out. @throws {Error} when the source is not as the mutant expects it */
  apply({ name, file, find, replace }: Mutant): () => void {
    const path = join(this.root, file);
    const source = readFileSync(path, "utf8");
    const count = source.split(find).length - 1;
    if (count !== 1)
      throw new Error(`mutant "${name}" does not apply: ${file} has ${count} places like\n${find}\nadapt the mutant to what stands there now`);
    // a function, so that no sign in the replacement has a meaning
    writeFileSync(
      path,
      source.replace(find, () => replace.replaceAll("REACHED", "globalThis.mutantReached?.()")),
    );
    return () => writeFileSync(path, source);
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
