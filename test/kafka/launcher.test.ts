import { spawn } from "node:child_process";
import { once } from "node:events";
import { access, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { installKafka, KAFKA_VERSION, startKafka, whyKafkaCannotStart } from "@org/bus-testkit/kafka";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { canStartKafka, kafkaForTests } from "../support/kafka.js";

const kafka = await kafkaForTests();

async function accepts(address: string): Promise<boolean> {
  const [host, port] = address.split(":");
  const socket = connect(Number(port), host);
  try {
    return await new Promise((resolve) => socket.once("connect", () => resolve(true)).once("error", () => resolve(false)));
  } finally {
    socket.destroy();
  }
}

describe.skipIf(!kafka.available)("kafkaForTests", () => {
  test("answers on the address that it gives", async () => {
    expect(await accepts(kafka.brokers[0] ?? "")).toBe(true);
  });
});

describe("a machine that cannot run Kafka", () => {
  const noJava = "java is not on the PATH (install Java 17 or newer)";
  const noMaven = "mvn is not on the PATH (install Maven, which downloads Apache Kafka once)";
  let folder = "";
  let cacheDirectory = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "bus-launcher-"));
    cacheDirectory = join(folder, "cache");
    vi.stubEnv("PATH", folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true, force: true });
  });

  const addProgram = (name: string, script: string) => writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const addKafka = () => mkdir(join(cacheDirectory, `kafka-${KAFKA_VERSION}`), { recursive: true });

  test("is told of all that it lacks, and of Java alone where Kafka is in the cache", async () => {
    expect(whyKafkaCannotStart(cacheDirectory)).toBe(`${noJava}, ${noMaven}`);
    await addKafka();
    expect(whyKafkaCannotStart(cacheDirectory)).toBe(noJava);
  });

  test.each([
    ['openjdk version "17.0.15" 2025-04-15', undefined],
    ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "25" 2025-09-16', undefined],
    ['openjdk version "21-ea" 2023-09-19', undefined],
    ["some other Java", undefined],
    ['openjdk version "16.0.2" 2021-07-20', "java 16 on the PATH must be >= 17 (install Java 17 or newer)"],
    ['java version "1.8.0_392"', "java 8 on the PATH must be >= 17 (install Java 17 or newer)"],
  ])("reads the version of a Java that says: %s", async (says, fault) => {
    await addKafka();
    await addProgram("java", `echo '${says}' >&2`);
    expect(whyKafkaCannotStart(cacheDirectory)).toBe(fault);
  });

  test("is told of a Java that does not run", async () => {
    await addKafka();
    await addProgram("java", "exit 3");
    expect(whyKafkaCannotStart(cacheDirectory)).toBe("java -version ended with 3 (install Java 17 or newer)");
  });

  test("learns so from startKafka, before anything is downloaded", async () => {
    const fault = `cannot start Apache Kafka ${KAFKA_VERSION}: ${noJava}, ${noMaven}`;
    await expect(startKafka({ cacheDirectory })).rejects.toMatchObject({ code: "transport_failed", message: fault });
    await expect(access(cacheDirectory)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("learns from installKafka what Maven lacks or said", async () => {
    const fault = `could not download Apache Kafka ${KAFKA_VERSION} with mvn:`;
    await expect(installKafka({ cacheDirectory })).rejects.toMatchObject({ message: `${fault} ${noMaven}` });
    await addProgram("mvn", "echo 'no route to the repository'; exit 1");
    await expect(installKafka({ cacheDirectory })).rejects.toMatchObject({ message: `${fault} no route to the repository` });
    await addProgram("mvn", "echo 'JAVA_HOME is not defined' >&2; exit 1");
    await expect(installKafka({ cacheDirectory })).rejects.toMatchObject({ message: `${fault} JAVA_HOME is not defined` });
  });
});

describe.skipIf(!canStartKafka() || process.env.KAFKA_BROKERS !== undefined)("startKafka", () => {
  test("ends its broker when the process that started it is killed", async () => {
    const program = fileURLToPath(new URL("programs/start-kafka.mjs", import.meta.url));
    const starter = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(starter.stdout, "data");
    const address = String(line).trim();
    expect(await accepts(address)).toBe(true);
    starter.kill("SIGKILL");
    await vi.waitUntil(async () => !(await accepts(address)), { timeout: 20_000 });
  });
});
