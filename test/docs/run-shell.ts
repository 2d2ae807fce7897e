import { spawn } from "node:child_process";

export interface ShellRun {
  readonly code: number | null;
  readonly stdout: string;
  /** What it printed to stdout and stderr, as a person sees it. */
  readonly output: string;
}

/** Runs a script as a person would type it, and stops at the first command that fails. */
export function runShell(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<ShellRun> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-euo", "pipefail", "-c", script], { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, output }));
  });
}
