import { describe } from "vitest";
import { type ConnectorSuiteOptions, resolveSuite } from "./options.js";
import { sinkTests } from "./sink-tests.js";
import { sourceTests } from "./source-tests.js";

/**
 * Registers, with vitest, the tests that every connector passes: nothing is lost although its process is killed with -9 at every stage, no position and no
 * acknowledgement is ahead of the sink, a slow sink holds back the source, one bad record does what the failure policy says, an outage of the system is got
 * over, and a stop takes 5 s at most.
 *
 * Processes run what is built: `dist` of the packages, and the module as it is.
 *
 * @example
 * connectorSuite("ndjson source", {
 *   module: new URL("./ndjson-under-test.ts", import.meta.url),
 *   source: async () => {
 *     const path = join(await mkdtemp(join(tmpdir(), "ndjson-")), "in.ndjson");
 *     return { settings: { path }, put: async (records) => appendFile(path, lines(records)), close: () => rm(dirname(path), { recursive: true }) };
 *   },
 * });
 */
export function connectorSuite(name: string, options: ConnectorSuiteOptions): void {
  const suite = resolveSuite(options);
  const { source, sink } = suite;
  if (source === undefined && sink === undefined) throw new TypeError("connectorSuite needs a source or a sink to try");
  if (source !== undefined) describe(`${name}, as every source`, () => sourceTests(suite, source));
  if (sink !== undefined) describe(`${name}, as every sink`, () => sinkTests(suite, sink));
}
