import type { FaultEnvironment } from "./environment.js";
import type { Form, Scenario } from "./scenarios/scenario.js";
import { type Outcome, World } from "./world.js";

export interface ScenarioResult {
  readonly outcome: Outcome;
  /** What the outcome breaks of what was promised. */
  readonly broken: readonly string[];
}

/** Runs a scenario on a client (`kafkajs`, …), from an empty topic to closed books. @throws {Error} when it gets stuck or a program fails */
export async function runScenario(
  scenario: Scenario,
  environment: FaultEnvironment,
  client: string,
  form: Form,
  say: (text: string) => void = () => {},
): Promise<ScenarioResult> {
  const world = await World.open({ ...scenario.world, environment, client, say });
  try {
    await scenario.run(world, scenario.times[form], form);
    const outcome = await world.finish();
    return { outcome, broken: scenario.check(outcome) };
  } finally {
    await world.close();
  }
}
