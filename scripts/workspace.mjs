// What `npm start` and `npm test` share: install once, build what changed, run with the workspace's own Node.
// Plain JavaScript on purpose: it runs on whatever Node the machine has (18 or later), before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const pnpm = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager;
const modules = join(root, "node_modules");
const stampFile = join(modules, ".install-stamp");
// not the shims of `.bin` for Node: a signal to a shim does not reach the program behind it
const path = [join(modules, "node", "bin"), join(modules, ".bin"), process.env.PATH].join(delimiter);

const env = {
  ...process.env,
  PATH: path,
  TURBO_TELEMETRY_DISABLED: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
};

/** For what was printed and not yet read. */
const readAfterExitMs = 2_000;

/** Progress goes to stderr, so that stdout stays what the program prints (`--json`). */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs a command of the workspace (or of the machine); resolves with its exit code. `onOutput` gets what it prints, and `stdout` or `stderr`, where stdio is a pipe. */
export function run(command, args, options = {}, onOutput = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: "inherit",
      shell: process.platform === "win32",
      ...options,
      env: { ...env, ...options.env },
    });
    const forward = (signal) => child.kill(signal);
    process.on("SIGINT", forward).on("SIGTERM", forward);
    child.stdout?.setEncoding("utf8").on("data", (text) => onOutput(text, "stdout"));
    child.stderr?.setEncoding("utf8").on("data", (text) => onOutput(text, "stderr"));
    child.on("error", reject);
    // a process that the command has left behind holds its pipes open
    let stopReading;
    child.on("exit", () => {
      stopReading = setTimeout(() => {
        for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
      }, readAfterExitMs);
    });
    child.on("close", (code, signal) => {
      clearTimeout(stopReading);
      process.off("SIGINT", forward).off("SIGTERM", forward);
      resolve(code ?? (signal === "SIGINT" ? 130 : 1));
    });
  });
}

function installInputs() {
  const manifests = ["packages", "examples"].flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name, "package.json")));
  return ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml", "test/package.json", "bench/package.json", ...manifests].filter((file) =>
    existsSync(join(root, file)),
  );
}

function installStamp() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of installInputs()) hash.update(readFileSync(join(root, file)));
  return hash.digest("hex");
}

/** Installs when a manifest or the lock file has changed since the last time; resolves with the exit code of pnpm. */
export async function tryInstall() {
  const stamp = installStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return 0;
  say(`installing the dependencies with ${pnpm} (once; about a minute on an empty cache) …`);
  // before it replaces a folder of modules pnpm asks, and where there is no terminal it gives up instead
  const flags = ["--frozen-lockfile", "--config.confirmModulesPurge=false", "--reporter=append-only", "--loglevel=error"];
  const code = await run("npx", ["-y", pnpm, "install", ...flags], {
    stdio: ["ignore", process.stderr, process.stderr],
    env: { npm_config_loglevel: "error" },
  });
  if (code === 0) writeFileSync(stampFile, stamp);
  else say(`the installation failed with exit code ${code}`);
  return code;
}

/** `tryInstall` for programs that can do nothing without: a failure ends the process. */
export async function install() {
  const code = await tryInstall();
  if (code !== 0) process.exit(code);
}

/** Builds the packages that have changed; silent unless something fails. */
export async function build() {
  say("building what has changed …");
  const output = [];
  const code = await run(
    "turbo",
    ["run", "build", "--output-logs=errors-only", "--log-order=grouped", "--ui=stream"],
    { stdio: ["ignore", "pipe", "pipe"] },
    (text) => output.push(text),
  );
  if (code !== 0) say(output.join(""));
  return code;
}
