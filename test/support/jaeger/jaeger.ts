import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { inject } from "vitest";
import type { Jaeger } from "./start-jaeger.js";

/**
 * The Jaeger that all test files of the run share; started by the first that asks. undefined where there is none: skip what needs it (the run
 * has said so, loudly); with CI=true it throws instead. At the top of a file:
 *
 *     const jaeger = await jaegerForTests();
 *     describe.skipIf(jaeger === undefined)("…", …)
 */
export async function jaegerForTests(): Promise<Jaeger | undefined> {
  const noJaeger = inject("noJaeger");
  const url = inject("jaegerUrl");
  if (noJaeger !== undefined) return missing(noJaeger);
  if (url === undefined) return undefined;
  // not fetch, which gives up after 5 minutes: it may have to be built
  const [response] = (await once(get(url), "response")) as [IncomingMessage];
  const body = await text(response);
  if (response.statusCode !== 200) return missing(body);
  return JSON.parse(body) as Jaeger;
}

function missing(reason: string): undefined {
  if (process.env.CI === "true") throw new Error(`this test file needs Jaeger, and CI=true: ${reason}`);
  process.stderr.write(`\n*** a test file is SKIPPED for want of Jaeger: ${reason} ***\n`);
}
