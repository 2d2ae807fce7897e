import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { BusError } from "@org/bus-core";
import { faultOfJava, faultOfMaven } from "./requirements.js";

/** The version of Apache Kafka that `startKafka` runs. */
export const KAFKA_VERSION = "4.3.1";

// the broker, its command line tools, and a logger that needs no configuration
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.bus.testkit</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka-tools</artifactId><version>${KAFKA_VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

export interface InstallKafkaOptions {
  /** Where the jars are kept between runs. @default `BUS_CACHE_DIR`, else `bus` in the user's cache directory */
  readonly cacheDirectory?: string | undefined;
  /** Ends the download. */
  readonly signal?: AbortSignal | undefined;
}

function defaultCacheDirectory(): string {
  return process.env.BUS_CACHE_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "bus");
}

function installedAt(cacheDirectory: string): string {
  return join(cacheDirectory, `kafka-${KAFKA_VERSION}`);
}

/** Why `startKafka` cannot work on this machine, with the remedies; undefined when it can. Maven is needed only while Kafka is not in the cache. */
export function whyKafkaCannotStart(cacheDirectory: string = defaultCacheDirectory()): string | undefined {
  const faults = [faultOfJava(), existsSync(installedAt(cacheDirectory)) ? undefined : faultOfMaven()];
  return faults.filter((fault) => fault !== undefined).join(", ") || undefined;
}

/**
 * Downloads Apache Kafka with Maven, once; later calls find it in the cache. Two processes may do so at once.
 *
 * @returns the Java class path
 * @throws {BusError} `transport_failed` with what Maven said
 */
export async function installKafka(options: InstallKafkaOptions = {}): Promise<string> {
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory();
  const installed = installedAt(cacheDirectory);
  if (!existsSync(installed)) await download(cacheDirectory, installed, options.signal);
  return join(installed, "*") + delimiter;
}

async function download(cacheDirectory: string, installed: string, signal: AbortSignal | undefined): Promise<void> {
  process.stderr.write(`downloading Apache Kafka ${KAFKA_VERSION} with Maven to ${cacheDirectory} (once, about 55 MB)\n`);
  await mkdir(cacheDirectory, { recursive: true });
  const work = await mkdtemp(join(cacheDirectory, "download-"));
  try {
    await writeFile(join(work, "pom.xml"), POM);
    const args = ["-q", "-B", "-f", join(work, "pom.xml"), "dependency:copy-dependencies", `-DoutputDirectory=${join(work, "libs")}`];
    await promisify(execFile)("mvn", args, { signal, maxBuffer: 64 << 20 });
    // whoever renames first has installed it; the others throw theirs away
    await rename(join(work, "libs"), installed).catch((error: unknown) => {
      if (!existsSync(installed)) throw error;
    });
  } catch (error) {
    throw new BusError("transport_failed", `could not download Apache Kafka ${KAFKA_VERSION} with mvn: ${whatMavenSaid(error)}`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Maven reports its errors on stdout; a Maven that did not run has said nothing. */
function whatMavenSaid(error: unknown): string {
  const output = error instanceof Error && "stdout" in error && "stderr" in error ? `${error.stdout}${error.stderr}`.trim() : "";
  return faultOfMaven() ?? (output ? output.split("\n").slice(0, 3).join(" ") : String(error));
}
