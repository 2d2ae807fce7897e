import { createHash } from "node:crypto";
import { type Encounters, noEncounters, unmet } from "./encounters.js";
import { type MutantReached, mutantReachedSoFar } from "./mutant-marker.js";
import { type Outcome, runSeed } from "./run-seed.js";
import { type TransportName, transports } from "./transports.js";

export interface SimulateOptions {
  readonly seeds: number;
  readonly from: number;
  readonly seed?: number;
  readonly transport: TransportName;
  readonly twice: boolean;
  readonly untilFailure: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

/** What all seeds together came to. */
export interface Summary {
  readonly transport: TransportName;
  readonly seeds: number;
  readonly failed: readonly number[];
  readonly events: number;
  readonly virtualMs: number;
  readonly encounters: Encounters;
  /** What it never met, and should have in so many seeds. */
  readonly unmet: readonly string[];
  /** How often a deliberate fault was met: `npm run mutants`. */
  readonly mutantReached: MutantReached;
  /** Two sets of runs with the same one did the same. */
  readonly hash: string;
}

/** @returns the exit code */
export async function simulate(options: SimulateOptions): Promise<number> {
  const { transport, json } = options;
  const [from, count] = options.seed === undefined ? [options.from, options.seeds] : [options.seed, 1];
  const print = options.seed === undefined || options.quiet || json ? undefined : (line: string) => console.log(line);
  const hash = createHash("sha256");
  const encounters = noEncounters();
  const failed: number[] = [];
  let [events, virtualMs] = [0, 0];
  for (let seed = from; seed < from + count; seed++) {
    showProgress(seed - from, count, failed.length);
    const outcome = await playSeed(seed, options, print);
    hash.update(outcome.hash);
    events += outcome.events;
    virtualMs += outcome.virtualMs;
    for (const name of Object.keys(encounters) as (keyof Encounters)[]) encounters[name] += outcome.encounters[name];
    if (outcome.violations.length === 0) continue;
    failed.push(seed);
    clearProgress();
    console.log(json ? JSON.stringify(failureOf(outcome, transport)) : failureText(outcome, transport));
    if (options.untilFailure && saysEnough(mutantReachedSoFar())) break;
  }
  clearProgress();
  const summary: Summary = {
    transport,
    seeds: count,
    failed,
    events,
    virtualMs: Math.round(virtualMs),
    encounters,
    unmet: options.untilFailure ? [] : unmet(encounters, count).map(words),
    mutantReached: mutantReachedSoFar(),
    hash: hash.digest("hex").slice(0, 16),
  };
  console.log(json ? JSON.stringify(summary) : summaryText(summary));
  return failed.length === 0 && summary.unmet.length === 0 ? 0 : 1;
}

/** A fault that was met has to be met with work in flight. */
function saysEnough({ times, atWork }: MutantReached): boolean {
  return times === 0 || atWork > 0;
}

async function playSeed(seed: number, { transport, twice }: SimulateOptions, print?: (line: string) => void): Promise<Outcome> {
  const outcome = await runSeed(seed, transports[transport], print);
  if (!twice) return outcome;
  const again = await runSeed(seed, transports[transport]);
  if (again.hash === outcome.hash) return outcome;
  return { ...outcome, violations: [...outcome.violations, `two runs of the seed differ: ${outcome.hash} and ${again.hash}`] };
}

/** The command that plays a seed again, with its trace. */
function replayOf(seed: number, transport: TransportName): string {
  return `npm run simulate -- --transport ${transport} --seed ${seed}`;
}

function failureOf({ seed, violations, hash }: Outcome, transport: TransportName) {
  return { transport, seed, violations, hash, replay: replayOf(seed, transport) };
}

function failureText({ seed, violations, scenario }: Outcome, transport: TransportName): string {
  const shown = violations.slice(0, 5).map((violation) => `  ${violation}`);
  if (violations.length > shown.length) shown.push(`  … and ${violations.length - shown.length} more`);
  return [`seed ${seed} (${scenario.shape}, ${transport}) breaks its promises:`, ...shown, `  replay: ${replayOf(seed, transport)}`].join("\n");
}

function summaryText({ transport, seeds, failed, events, virtualMs, encounters, unmet: never, hash }: Summary): string {
  const met = Object.entries(encounters).map(([name, count]) => `${count} ${words(name)}`);
  return [
    `${seeds} seeds on ${transport}: ${failed.length === 0 ? "all promises were kept" : `${failed.length} FAILED (${failed.slice(0, 20).join(", ")})`}`,
    `  ${events} events in ${Math.round(virtualMs / 1000)} s of virtual time; ${met.join(", ")}`,
    ...(never.length === 0 ? [] : [`  NEVER met: ${never.join(", ")}; what is not met is not shown`]),
    `  hash ${hash}`,
  ].join("\n");
}

function words(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function showProgress(done: number, count: number, failed: number): void {
  if (process.stderr.isTTY && done % 10 === 0) process.stderr.write(`\r${done} of ${count} seeds, ${failed} failed `);
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}
