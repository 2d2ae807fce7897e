import { spawn } from "node:child_process";
import { createRequire } from "node:module";

/** What buf printed, and how it ended. */
export interface BufRun {
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs the buf of the npm package @bufbuild/buf in `cwd`; one on the PATH is never used. */
export function runBuf(args: readonly string[], cwd: string): Promise<BufRun> {
  // the package's command is a small script that knows which binary is the machine's
  const launcher = createRequire(import.meta.url).resolve("@bufbuild/buf/bin/buf");
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [launcher, ...args], {
      cwd,
      env: { ...process.env, BUF_LOG_FORMAT: "text" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
    child.on("error", reject);
    child.on("close", (exitCode) => {
      resolve({ exitCode: exitCode ?? 1, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString("utf8") });
    });
  });
}
