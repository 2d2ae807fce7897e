import type { DeliveryEvent, EventOf } from "@org/bus-testkit";

/** How often a run met what it is for. A harness that never meets work in flight proves nothing. */
export interface Encounters {
  /** Processes that crashed at work. */
  crashes: number;
  /** Assignments that were lost at work. */
  losses: number;
  /** Assignments that were given up in an orderly way after work had been waited for. */
  drains: number;
  /** Assignments that were given up while work went on. */
  drainTimeouts: number;
  /** Partitions that went from one member to another. */
  moves: number;
  refusedCommits: number;
  failures: number;
  /** Tries after one that failed, by the same owner. */
  retries: number;
  deadLetters: number;
  /** Records that were settled again. */
  repeats: number;
  deletions: number;
}

export const noEncounters = (): Encounters => ({
  crashes: 0,
  losses: 0,
  drains: 0,
  drainTimeouts: 0,
  moves: 0,
  refusedCommits: 0,
  failures: 0,
  retries: 0,
  deadLetters: 0,
  repeats: 0,
  deletions: 0,
});

/** From so many seeds on every encounter has to have been met: below that, a rare one may well be missing. */
const ENOUGH_SEEDS = 100;

/** What was never met in so many seeds, and should have been: a simulation that plays nothing keeps every promise. */
export function unmet(encounters: Encounters, seeds: number): readonly (keyof Encounters)[] {
  if (seeds < ENOUGH_SEEDS) return [];
  return (Object.keys(encounters) as (keyof Encounters)[]).filter((name) => encounters[name] === 0);
}

export function countEncounters(events: readonly DeliveryEvent[]): Encounters {
  const counter = new Counter();
  for (const event of events) counter.see(event);
  return counter.found;
}

class Counter {
  readonly found = noEncounters();
  readonly #running = new Map<string, EventOf<"started">>();
  readonly #settled = new Set<string>();
  readonly #drained = new Set<number>();
  /** By partition: who had it last. */
  readonly #owners = new Map<number, string>();
  readonly #failed = new Set<string>();

  see(event: DeliveryEvent): void {
    if (event.kind === "started") this.#started(event);
    else if (event.kind === "assigned") this.#assigned(event);
    else if (event.kind === "ended") this.#ended(event);
    else if (event.kind === "crashed") this.found.crashes += this.#isAtWork(({ member }) => member === event.member) ? 1 : 0;
    else if (event.kind === "refused") this.found.refusedCommits++;
    else if (event.kind === "deleted") this.found.deletions++;
    else if (event.kind === "fenced") this.#fenced(event);
    else if ((event.kind === "closing" || event.kind === "revoking") && this.#isAtWork(({ assignment }) => assignment === event.assignment)) {
      this.#drained.add(event.assignment);
    }
  }

  #started(event: EventOf<"started">): void {
    this.#running.set(workId(event), event);
    if (this.#failed.delete(workId(event))) this.found.retries++;
  }

  #assigned({ partition, member }: EventOf<"assigned">): void {
    const before = this.#owners.get(partition);
    if (before !== undefined && before !== member) this.found.moves++;
    this.#owners.set(partition, member);
  }

  #ended(event: EventOf<"ended">): void {
    this.#running.delete(workId(event));
    if (event.outcome === "failed") {
      this.found.failures++;
      this.#failed.add(workId(event));
    }
    if (event.outcome !== "settled") return;
    if (event.member === undefined) this.found.deadLetters++;
    const position = `${event.partition}@${event.offset}`;
    if (this.#settled.has(position)) this.found.repeats++;
    this.#settled.add(position);
  }

  #fenced({ assignment, reason }: EventOf<"fenced">): void {
    const atWork = this.#isAtWork((work) => work.assignment === assignment);
    if (reason === "lost") this.found.losses += atWork ? 1 : 0;
    else if (this.#drained.has(assignment)) this.found[atWork ? "drainTimeouts" : "drains"]++;
  }

  #isAtWork(of: (work: EventOf<"started">) => boolean): boolean {
    return [...this.#running.values()].some(of);
  }
}

function workId({ assignment, stage = "", partition, offset }: EventOf<"started" | "ended">): string {
  return `${assignment} ${stage} ${partition}@${offset}`;
}
