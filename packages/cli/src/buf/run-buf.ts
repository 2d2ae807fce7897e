import { createRequire } from "node:module";
import { type FinishedRun, runNode } from "../run-node.js";

/** Runs the buf of the npm package @bufbuild/buf in `cwd`; one on the PATH is never used. */
export function runBuf(args: readonly string[], cwd: string): Promise<FinishedRun> {
  // the package's command is a small script that knows which binary is the machine's
  const launcher = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
  return runNode([launcher, ...args], { cwd });
}
