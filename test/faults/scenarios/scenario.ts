import type { Outcome, World, WorldOptions } from "../world.js";

/** The short form is part of `npm test`. */
export type Form = "short" | "long";

/** Faults of one kind, struck into a running world. */
export interface Scenario {
  readonly name: string;
  /** What happens, in one line. */
  readonly about: string;
  readonly brokers: 1 | 3;
  /** How often the fault strikes. */
  readonly times: Readonly<Record<Form, number>>;
  /** @default {} */
  readonly world?: Partial<Omit<WorldOptions, "cluster" | "client">>;
  /** Brings up the consumers and strikes `times` times. */
  run(world: World, times: number, form: Form): Promise<void>;
  /** What the outcome breaks; nothing where every promise that holds under these faults was kept. */
  check(outcome: Outcome): readonly string[];
}

/** How many records are handled between two faults. */
export const BETWEEN = 1_500;

/**
 * What holds under every fault: nothing lost, written twice, out of order, two at once in a process, committed ahead, or repeated from before the
 * last commit.
 */
export function alwaysKept(outcome: Outcome): string[] {
  const { published, lost, writtenTwice, outOfOrder, overlaps, commitsAhead, repeatsBelowCommit, uncommitted } = outcome;
  const kinds = Object.entries({ lost, writtenTwice, outOfOrder, overlaps, commitsAhead, repeatsBelowCommit, uncommitted });
  const broken = kinds.flatMap(([kind, found]) => (found.length === 0 ? [] : [`${kind}: ${found.length}, such as ${found.slice(0, 3).join("; ")}`]));
  return published === 0 ? [...broken, "nothing was published, so nothing was shown"] : broken;
}

/** `alwaysKept`, no record was handled again, and no key was at work in two processes: what holds where every member leaves in an orderly way. */
export function handsOverCleanly(outcome: Outcome): string[] {
  const { duplicates, published, overlapsBetweenProcesses: between } = outcome;
  return [
    ...alwaysKept(outcome),
    ...(duplicates > 0 ? [`duplicates: ${duplicates} of ${published}`] : []),
    ...(between.length > 0 ? [`overlaps between processes: ${between.length}, such as ${between.slice(0, 3).join("; ")}`] : []),
  ];
}

/** A member from the middle of those that are there. */
export function someMember(world: World, turn: number): string {
  const { members } = world;
  const name = members[turn % members.length];
  if (name === undefined) throw new Error("there is no consumer");
  return name;
}

export async function joinMany(world: World, count: number): Promise<void> {
  await Promise.all(Array.from({ length: count }, () => world.join()));
  await world.progress(BETWEEN);
}
