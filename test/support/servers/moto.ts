import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll } from "vitest";

const version = "5.2.5";

/** A store that speaks S3: moto, of Python. */
export interface TestMoto {
  /** False where there is none: skip what needs it (this has said so, loudly). */
  readonly available: boolean;
  /** Its address; "" where there is none. Any credentials do. */
  readonly endpoint: string;
  /** Has it answer nobody until `resume`. */
  pause(): void;
  resume(): void;
}

const cache = process.env.BUS_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bus");
const environment = join(cache, `moto-${version}`);
const program = join(environment, "bin", "moto_server");

/** Why moto cannot be started; undefined when it can. */
function whyMotoCannotStart(): string | undefined {
  if (existsSync(program)) return undefined;
  const hasVenv = spawnSync("python3", ["-c", "import venv, ensurepip"], { stdio: "ignore" }).status === 0;
  return hasVenv ? undefined : "python3 with venv and pip is not on the PATH (it installs moto once)";
}

/**
 * A moto of this test file, on a free port. It is installed at its first use, into the cache folder. At the top of a file:
 *
 *     const s3 = await motoForTests();
 *     describe.skipIf(!s3.available)("…", …)
 */
export async function motoForTests(): Promise<TestMoto> {
  const reason = whyMotoCannotStart();
  if (reason !== undefined) {
    if (process.env.CI === "true") throw new Error(`this test file needs moto, and CI=true: ${reason}`);
    process.stderr.write(`\n*** no S3: ${reason}. The tests that need it are SKIPPED. ***\n\n`);
    return { available: false, endpoint: "", pause() {}, resume() {} };
  }
  await install();
  const port = await freePort();
  // its own Python: the scripts of an environment that was renamed name the folder that it was made in
  const server = spawn(join(environment, "bin", "python"), ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const exited = once(server, "exit");
  const endpoint = `http://127.0.0.1:${port}`;
  afterAll(async () => {
    server.kill("SIGKILL");
    await exited;
  });
  const deadline = Date.now() + 60_000;
  while (
    !(await fetch(endpoint).then(
      () => true,
      () => false,
    ))
  ) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`moto did not come up at ${endpoint}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { available: true, endpoint, pause: () => void server.kill("SIGSTOP"), resume: () => void server.kill("SIGCONT") };
}

async function install(): Promise<void> {
  if (existsSync(program)) return;
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(join(cache, "moto-"));
  const run = promisify(execFile);
  await run("python3", ["-m", "venv", made]);
  await run(join(made, "bin", "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `moto[server]==${version}`]);
  // of two that install it at once, one comes second
  await rename(made, environment).catch(() => rm(made, { recursive: true }));
  if (!existsSync(program)) throw new Error(`moto is not in ${dirname(program)}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // a server on a TCP port has an AddressInfo
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
