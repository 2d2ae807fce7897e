import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { findProgram } from "./find-program.js";
import { freePort } from "./free-port.js";
import { motoCommand, whyMotoCannotStart } from "./moto.js";
import { startWatched } from "./watched-process.js";

/** What the store takes. */
export const s3Keys = { accessKeyId: "testing", secretAccessKey: "testing-secret" };

/** A store that speaks S3. */
export interface TestS3 {
  /** False where there is none: skip what needs it (this has said so, loudly). */
  readonly available: boolean;
  /** Its address; "" where there is none. */
  readonly endpoint: string;
  /** Has it answer nobody until `resume`. */
  pause(): void;
  resume(): void;
}

/**
 * A store of this test file, on a free port: MinIO where `minio` is on the PATH, else moto. At the top of a file:
 *
 *     const s3 = await s3ForTests();
 *     describe.skipIf(!s3.available)("…", …)
 */
export async function s3ForTests(): Promise<TestS3> {
  const minio = findProgram("minio");
  const reason = minio === undefined ? whyMotoCannotStart() : undefined;
  if (reason !== undefined) {
    if (process.env.CI === "true") throw new Error(`this test file needs a store that speaks S3, and CI=true: ${reason}`);
    process.stderr.write(`\n*** no S3: ${reason}. The tests that need it are SKIPPED. ***\n\n`);
    return { available: false, endpoint: "", pause() {}, resume() {} };
  }
  const directory = await mkdtemp(join(tmpdir(), "bus-s3-"));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const [command, args] = minio === undefined ? await motoCommand(port) : [minio, ["server", directory, "--address", `127.0.0.1:${port}`]];
  const env = { ...process.env, MINIO_ROOT_USER: s3Keys.accessKeyId, MINIO_ROOT_PASSWORD: s3Keys.secretAccessKey, MINIO_BROWSER: "off" };
  const server = await startWatched(command, args, { env, dataDirectory: directory });
  afterAll(async () => {
    await server.end("SIGKILL");
    await rm(directory, { recursive: true, force: true });
  });
  await untilAnswered(endpoint);
  return { available: true, endpoint, pause: () => void process.kill(server.pid, "SIGSTOP"), resume: () => void process.kill(server.pid, "SIGCONT") };
}

async function untilAnswered(endpoint: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await fetch(endpoint);
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`the store did not come up at ${endpoint}`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
