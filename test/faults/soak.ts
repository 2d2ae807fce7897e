/**
 * Strikes faults into processes on a real Kafka, and holds what they print to the promises. The long form of `faults.test.ts`.
 *
 *     npm run soak -- --only consumer-killed --client kafkajs
 */
import { parseArgs } from "node:util";
import { transports } from "../verifiable/transports.js";
import { openEnvironment } from "./environment.js";
import { runScenario } from "./run-scenario.js";
import { scenarios } from "./scenarios/index.js";
import type { Scenario } from "./scenarios/scenario.js";
import type { Outcome } from "./world.js";

const clients = Object.keys(transports);
const names = scenarios.map(({ name }) => name);
const help = `usage: npm run soak -- [flags]

Strikes faults into consumers, brokers and connections of a real Kafka, and counts what was lost, repeated or out of order.
Exit code 1 when a promise was broken, 2 for wrong flags.

  --only NAME      one of ${names.join(", ")} (may be repeated; default: all)
  --client NAME    one of ${clients.join(", ")} (may be repeated; default: all)
  --form FORM      long, or short as in npm test (default: long)
  --json           print the results as JSON, alone on stdout
`;

interface Row {
  readonly scenario: string;
  readonly client: string;
  readonly outcome?: Outcome;
  readonly broken: readonly string[];
}

function usage(problem: string): never {
  process.stderr.write(`${problem}\n\n${help}`);
  process.exit(2);
}

function readFlags() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", multiple: true, default: names },
        client: { type: "string", multiple: true, default: clients },
        form: { type: "string", default: "long" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    return values;
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

const flags = readFlags();
if (flags.help) {
  process.stdout.write(help);
  process.exit(0);
}
const { form } = flags;
if (form !== "long" && form !== "short") usage(`--form ${form} must be long or short`);
for (const client of flags.client) if (!clients.includes(client)) usage(`--client ${client} must be one of ${clients.join(", ")}`);
for (const name of flags.only) if (!names.includes(name)) usage(`--only ${name} must be one of ${names.join(", ")}`);

const say = (text: string): void => void process.stderr.write(`${text}\n`);

async function row(scenario: Scenario, client: string, environment: Awaited<ReturnType<typeof openEnvironment>>): Promise<Row> {
  say(`\n── ${scenario.name} on ${client}: ${scenario.about}`);
  try {
    const { outcome, broken } = await runScenario(scenario, environment, client, form === "short" ? "short" : "long", say);
    return { scenario: scenario.name, client, outcome, broken };
  } catch (error) {
    return { scenario: scenario.name, client, broken: [error instanceof Error ? error.message : String(error)] };
  }
}

function describe({ outcome, broken }: Row): string {
  const verdict = broken.length === 0 ? "kept" : `BROKEN: ${broken.join(" | ")}`;
  if (outcome === undefined) return verdict;
  const { published, lost, duplicates, outOfOrder, overlapsBetweenProcesses, faults, recoveryMs } = outcome;
  const worst = Math.max(0, ...recoveryMs);
  const median = recoveryMs.toSorted((a, b) => a - b)[Math.floor(recoveryMs.length / 2)] ?? 0;
  const counts = `${faults} faults, ${published} published, ${lost.length} lost, ${duplicates} repeated, ${outOfOrder.length} out of order`;
  return `${counts}, ${overlapsBetweenProcesses.length} overlaps between processes, back after ${median} ms (worst ${worst} ms): ${verdict}`;
}

const rows: Row[] = [];
for (const brokers of [1, 3] as const) {
  const chosen = scenarios.filter((scenario) => scenario.brokers === brokers && flags.only.includes(scenario.name));
  if (chosen.length === 0) continue;
  await using environment = await openEnvironment(brokers);
  for (const client of flags.client) {
    for (const scenario of chosen) {
      const result = await row(scenario, client, environment);
      rows.push(result);
      say(describe(result));
    }
  }
}
if (flags.json) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
else for (const result of rows) process.stdout.write(`${result.scenario} on ${result.client}: ${describe(result)}\n`);
process.exitCode = rows.some(({ broken }) => broken.length > 0) ? 1 : 0;
