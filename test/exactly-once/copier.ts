import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../dist/programs/copy-exactly-once.js", import.meta.url));

/** A run of `programs/copy-exactly-once.ts` in a process of its own. */
export interface Copier {
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>;
  /** Lets it finish and commit; resolves with its exit code. */
  close(): Promise<number | null>;
}

export function startCopier(args: readonly string[]): Copier {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "inherit", "inherit"] });
  const exit = once(child, "close") as Promise<[number | null]>;
  return {
    async kill() {
      child.kill("SIGKILL");
      await exit;
    },
    async close() {
      child.stdin.end();
      const [code] = await exit;
      return code;
    },
  };
}
