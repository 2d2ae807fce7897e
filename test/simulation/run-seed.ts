import type { Clock } from "@org/bus-core";
import { type VirtualClock, virtualClock } from "@org/bus-testkit";
import type { SimulatedCluster } from "./cluster/cluster.js";
import { countEncounters, type Encounters } from "./encounters.js";
import { Chance } from "./environment/chance.js";
import { enterReality } from "./environment/simulated-globals.js";
import { Troublemaker } from "./environment/troublemaker.js";
import { judge } from "./judge.js";
import { watchMutant } from "./mutant-marker.js";
import { drawScenario, type Scenario } from "./scenario/scenario.js";
import { Trace } from "./trace.js";
import { World } from "./world.js";

/** Virtual time that a healthy group may need to finish. */
const LIMIT_MS = 10 * 60_000;
const STEP_MS = 250;

export type CreateCluster = (scenario: Scenario, chance: Chance, clock: Clock, troublemaker: Troublemaker) => SimulatedCluster;

export interface SimulatedTransport {
  readonly createCluster: CreateCluster;
  /** Whether exactly once can be simulated on it. */
  readonly transactions: boolean;
}

/** What came of a seed. */
export interface Outcome {
  readonly seed: number;
  /** One sentence each; empty when every promise was kept. */
  readonly violations: readonly string[];
  /** Two runs with the same one did the same. */
  readonly hash: string;
  readonly scenario: Scenario;
  readonly events: number;
  readonly encounters: Encounters;
  /** How long the run took in the simulation. */
  readonly virtualMs: number;
}

/** Plays what `seed` decides, and holds it to the promises. */
export async function runSeed(seed: number, { createCluster, transactions }: SimulatedTransport, print?: (line: string) => void): Promise<Outcome> {
  const chance = new Chance(`seed ${seed}`);
  const clock = virtualClock({ random: chance.fork("clock").next });
  enterReality({ clock, random: chance.fork("globals").next });
  const startMs = clock.now();
  const scenario = drawScenario(chance.fork("scenario"), transactions);
  const trace = new Trace(clock, print);
  const troublemaker = new Troublemaker(scenario.weather, chance.fork("trouble"), clock);
  const cluster = createCluster(scenario, chance.fork("cluster"), clock, troublemaker);
  print?.(JSON.stringify(scenario));
  const world = new World({ scenario, cluster, clock, chance, trace, troublemaker });
  watchMutant(() => world.isAtWork);
  const unhandled = (error: unknown) =>
    world.problem(`a promise rejected and nobody looked: ${error instanceof Error ? error.stack : String(error)}`);
  process.on("unhandledRejection", unhandled);
  try {
    await play(world, clock, scenario);
    const { events } = world;
    return {
      seed,
      violations: judge(world, scenario),
      hash: trace.digest(),
      scenario,
      events: events.length,
      encounters: countEncounters(events),
      virtualMs: clock.now() - startMs,
    };
  } finally {
    process.off("unhandledRejection", unhandled);
    enterReality(undefined);
  }
}

async function play(world: World, clock: VirtualClock, scenario: Scenario): Promise<void> {
  await clock.advance(scenario.lengthMs);
  world.heal();
  if (!(await advanceUntil(clock, () => world.isDone))) world.problem(`it is stuck: ${world.explain()}`);
  let closed = false;
  world.close().then(
    () => {
      closed = true;
    },
    (error: unknown) => world.problem(`closing has failed: ${String(error)}`),
  );
  if (!(await advanceUntil(clock, () => closed))) world.problem(`closing has no end: ${world.explain()}`);
  // what is left must do nothing
  await clock.advance(5_000);
}

async function advanceUntil(clock: VirtualClock, isDone: () => boolean): Promise<boolean> {
  for (const untilMs = clock.now() + LIMIT_MS; clock.now() < untilMs && !isDone(); ) await clock.advance(STEP_MS);
  return isDone();
}
