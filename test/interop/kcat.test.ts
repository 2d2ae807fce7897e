import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { type Bus, createBus, headerText } from "@org/bus-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { kafkaForTests } from "../support/kafka.js";
import { textContract } from "../verifiable/text-contract.js";
import { transports } from "../verifiable/transports.js";

const { available, brokers } = await kafkaForTests();
const hasKcat = spawnSync("kcat", ["-V"], { stdio: "ignore" }).status === 0;
if (!hasKcat) {
  const missing = "kcat is not on the PATH (Debian package kcat)";
  if (process.env.CI === "true") throw new Error(`this test file needs kcat, and CI=true: ${missing}`);
  process.stderr.write(`\n*** ${missing}: the tests that need it are SKIPPED ***\n\n`);
}

/** librdkafka's command line client: C, and none of our code. */
async function kcat(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("kcat", ["-q", "-b", brokers.join(","), ...args], { timeout: 30_000 });
  return stdout;
}

describe.skipIf(!available || !hasKcat).each(Object.keys(transports))("beside kcat, on %s", (client) => {
  let bus: Bus;
  let topic: string;
  beforeEach(async () => {
    topic = `kcat-${crypto.randomUUID()}`;
    const transport = transports[client]?.({ brokers });
    if (transport === undefined) throw new Error(`no client ${client}`);
    await transport.admin.createTopics([{ name: topic, partitions: 1, cleanup: "delete" }]);
    bus = createBus({ service: "interop", transport });
  });
  afterEach(() => bus.close());

  test("kcat reads key, value and headers of what we publish", async () => {
    await bus.publish(textContract(topic), { key: "schlüssel", value: "wert ✓" }, { headers: { origin: "here" } });
    const read: unknown = JSON.parse(await kcat("-C", "-t", topic, "-o", "beginning", "-e", "-J"));
    expect(read).toMatchObject({ topic, partition: 0, offset: 0, key: "schlüssel", payload: "wert ✓" });
    expect(read).toHaveProperty("headers");
    const { headers } = read as { headers: string[] };
    const named = Object.fromEntries(headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : [])));
    expect(named).toMatchObject({ origin: "here", "content-type": "application/protobuf" });
  });

  test("we read key, value and headers of what kcat writes, compressed too", async () => {
    const args = ["-P", "-t", topic, "-p", "0", "-k", "schlüssel", "-H", "origin=there"];
    for (const [codec, value] of [
      ["none", "plain ✓"],
      ["gzip", "in gzip"],
      ["zstd", "in zstd"],
    ] as const) {
      const producing = promisify(execFile)("kcat", ["-q", "-b", brokers.join(","), ...args, "-z", codec]);
      producing.child.stdin?.end(value);
      await producing;
    }
    const all = Promise.withResolvers<void>();
    const read: unknown[] = [];
    const consumption = bus.consume(textContract(topic), { group: topic }, ({ value }, { key, headers }) => {
      read.push([Buffer.from(key ?? []).toString(), value, headerText(headers, "origin")]);
      if (read.length === 3) all.resolve();
    });
    await Promise.race([all.promise, consumption.closed]);
    expect(read).toEqual(["plain ✓", "in gzip", "in zstd"].map((value) => ["schlüssel", value, "there"]));
  });
});
