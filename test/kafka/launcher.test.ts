import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { whyKafkaCannotStart } from "@org/bus-testkit/kafka";
import { describe, expect, test, vi } from "vitest";
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

describe("whyKafkaCannotStart", () => {
  test("names what the machine lacks", () => {
    vi.stubEnv("PATH", "/nowhere");
    expect(whyKafkaCannotStart()).toBe("java is not on the PATH (Java 17 or newer is needed)");
    vi.unstubAllEnvs();
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
