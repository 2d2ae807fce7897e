import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface ProgramRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Runs the built program to its end. `onStdout` sees what it has printed so far, and may send it a signal. */
export function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  onStdout: (stdout: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<ProgramRun> {
  const { KAFKA_BROKERS: _, OTEL_EXPORTER_OTLP_ENDPOINT: __, FORCE_COLOR: ___, ...inherited } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onStdout(stdout, (signal) => child.kill(signal));
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
