import { inject } from "vitest";

/** The Kafka of the test run. */
export interface TestKafka {
  /** False where there is none: skip what needs it (the run has said so, loudly). */
  readonly available: boolean;
  /** Bootstrap addresses; empty where there is none. */
  readonly brokers: string[];
}

/** Whether tests may call `startKafka` for a cluster of their own. Throws instead of returning false when CI=true. */
export function canStartKafka(): boolean {
  const noKafka = inject("noKafka");
  if (noKafka !== undefined && process.env.CI === "true") throw new Error(`this test file needs Kafka, and CI=true: ${noKafka}`);
  return noKafka === undefined;
}

/**
 * The Kafka that all test files of the run share; started by the first that asks. At the top of a file:
 *
 *     const kafka = await kafkaForTests();
 *     describe.skipIf(!kafka.available)("…", …)
 */
export async function kafkaForTests(): Promise<TestKafka> {
  const url = inject("kafkaUrl");
  if (!canStartKafka() || url === undefined) return { available: false, brokers: [] };
  const response = await fetch(url);
  if (!response.ok) throw new Error(await response.text());
  const { brokers } = (await response.json()) as { brokers: string[] };
  return { available: true, brokers };
}
