import { spawnSync } from "node:child_process";

/** What Kafka 4 is compiled for: an older Java cannot load its classes. */
const LEAST_JAVA = 17;

/** 17 of `openjdk version "17.0.15" 2025-04-15`, 8 of `java version "1.8.0_392"`; undefined where no version is said. */
function javaVersionOf(output: string): number | undefined {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  const version = first === "1" ? second : first;
  return version === undefined ? undefined : Number(version);
}

/** What is wrong with the Java of this machine, and the remedy; undefined when nothing is. */
export function faultOfJava(): string | undefined {
  const { error, status, signal, stdout, stderr } = spawnSync("java", ["-version"], { encoding: "utf8" });
  const remedy = `install Java ${LEAST_JAVA} or newer`;
  if (error !== undefined) return `java is not on the PATH (${remedy})`;
  if (status !== 0) return `java -version ended with ${signal ?? status} (${remedy})`;
  // one that does not say its version in the usual way is let through: it may do
  const version = javaVersionOf(stderr + stdout) ?? LEAST_JAVA;
  return version < LEAST_JAVA ? `java ${version} on the PATH must be >= ${LEAST_JAVA} (${remedy})` : undefined;
}

/** Whether Maven is missing, and the remedy; undefined when it is there. What it fails at, it says itself. */
export function faultOfMaven(): string | undefined {
  const { error } = spawnSync("mvn", ["-version"], { stdio: "ignore" });
  return error === undefined ? undefined : "mvn is not on the PATH (install Maven, which downloads Apache Kafka once)";
}
