import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

export interface ProgramRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

type Child = ChildProcessByStdio<null, Readable, Readable>;

interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly onStart?: (child: Child) => void;
  /** Sees what has been printed so far. */
  readonly onStdout?: (stdout: string, child: Child) => void;
}

/** Runs a command to its end, without what the environment of the tests would change in it. */
export function runCommand(command: string, args: readonly string[], { cwd, env, onStart, onStdout }: CommandOptions = {}): Promise<ProgramRun> {
  const { KAFKA_BROKERS: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, FORCE_COLOR: ___, npm_config_loglevel: ____, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onStdout?.(stdout, child);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    onStart?.(child);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the built program to its end. */
export function runProgram(args: readonly string[], options?: CommandOptions): Promise<ProgramRun> {
  return runCommand(process.execPath, [program, ...args], options);
}
