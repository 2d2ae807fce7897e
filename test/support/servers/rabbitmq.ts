import { inject } from "vitest";

/** A virtual host of the RabbitMQ of the test run. */
export interface TestRabbitmq {
  /** False where there is none: skip what needs it (the run has said so, loudly). */
  readonly available: boolean;
  /** Of an empty virtual host that is this test file's; of what `RABBITMQ_URL` names where that is set. "" where there is none. */
  readonly url: string;
}

/** Whether tests may call `startRabbitmq` for a node of their own. Throws instead of returning false when CI=true. */
export function canStartRabbitmq(): boolean {
  const noRabbitmq = inject("noRabbitmq");
  if (noRabbitmq !== undefined && process.env.CI === "true") throw new Error(`this test file needs RabbitMQ, and CI=true: ${noRabbitmq}`);
  return noRabbitmq === undefined;
}

/**
 * The RabbitMQ that all test files of the run share; started by the first that asks. At the top of a file:
 *
 *     const rabbitmq = await rabbitmqForTests();
 *     describe.skipIf(!rabbitmq.available)("…", …)
 */
export async function rabbitmqForTests(): Promise<TestRabbitmq> {
  const address = inject("rabbitmqUrl");
  if (!canStartRabbitmq() || address === undefined) return { available: false, url: "" };
  const response = await fetch(address);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return { available: true, url: text };
}
