import { execFile, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const version = "5.2.5";
const cache = process.env.BUS_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bus");
const environment = join(cache, `moto-${version}`);
const program = join(environment, "bin", "moto_server");

/** Why moto, a store of Python that speaks S3, cannot be started; undefined when it can. */
export function whyMotoCannotStart(): string | undefined {
  if (existsSync(program)) return undefined;
  const hasVenv = spawnSync("python3", ["-c", "import venv, ensurepip"], { stdio: "ignore" }).status === 0;
  return hasVenv ? undefined : "neither minio nor python3 with venv and pip, which installs moto once, is on the PATH";
}

/** What starts moto. It is installed at its first use, into the cache folder. */
export async function motoCommand(port: number): Promise<readonly [string, readonly string[]]> {
  if (!existsSync(program)) await install();
  // its own Python: the scripts of an environment that was renamed name the folder that it was made in
  return [join(environment, "bin", "python"), ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)]];
}

async function install(): Promise<void> {
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(join(cache, "moto-"));
  const run = promisify(execFile);
  await run("python3", ["-m", "venv", made]);
  await run(join(made, "bin", "python"), ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", `moto[server]==${version}`]);
  // of two that install it at once, one comes second
  await rename(made, environment).catch(() => rm(made, { recursive: true }));
  if (!existsSync(program)) throw new Error(`moto is not in ${dirname(program)}`);
}
