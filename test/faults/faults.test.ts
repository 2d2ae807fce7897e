import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canStartKafka } from "../support/kafka.js";
import { transports } from "../verifiable/transports.js";
import { type FaultEnvironment, openEnvironment } from "./environment.js";
import { runScenario } from "./run-scenario.js";
import { rollingRestart } from "./scenarios/consumers.js";
import { scenarios } from "./scenarios/index.js";

const clients = Object.keys(transports);

/** A rolling restart on every client, since it repeats nothing on each; the other faults are dealt out among them. `npm run soak` strikes all on all. */
const chosen = scenarios.flatMap((scenario, index) =>
  scenario === rollingRestart ? clients.map((client) => ({ scenario, client })) : [{ scenario, client: clients[index % clients.length] ?? "" }],
);

describe.skipIf(!canStartKafka() || process.env.KAFKA_BROKERS !== undefined)("faults", () => {
  describe.each([1, 3] as const)("on %d brokers", (brokers) => {
    let environment: FaultEnvironment;
    beforeAll(async () => {
      environment = await openEnvironment(brokers);
    }, 180_000);
    afterAll(() => environment?.[Symbol.asyncDispose]());

    const cases = chosen.filter(({ scenario }) => scenario.brokers === brokers).map((each) => ({ ...each, name: each.scenario.name }));

    test.each(cases)("$name on $client", { timeout: 300_000 }, async ({ scenario, client }) => {
      const said: string[] = [];
      const { outcome, broken } = await runScenario(scenario, environment, client, "short", (text) => said.push(text));
      expect(broken, said.join("\n")).toEqual([]);
      // a fault that met no work shows nothing
      expect(outcome.faults).toBeGreaterThanOrEqual(scenario.times.short);
      expect(outcome.published).toBeGreaterThan(1_000);
    });
  });
});
