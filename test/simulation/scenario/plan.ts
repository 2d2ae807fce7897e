import type { Chance } from "../environment/chance.js";

/**
 * What happens to the members and to the log.
 *
 * - `join`, `close`, `crash`: a process starts, ends in an orderly way, ends as by `kill -9`
 * - `restart`: it closes, and another one starts when it has
 * - `reopen`: the stream is closed and begins anew in the same process, at once
 * - `expire`: the group goes on without a member that lives
 * - `stop`: the transport says that its consumer has ended
 * - `breakPipe`: an operator throws
 * - `deleteRecords`, `skipOffsets`: as retention and compaction do
 */
export type Action =
  | "join"
  | "close"
  | "crash"
  | "restart"
  | "reopen"
  | "expire"
  | "stop"
  | "breakPipe"
  | "pause"
  | "resume"
  | "deleteRecords"
  | "skipOffsets";

export interface PlannedAction {
  readonly atMs: number;
  readonly action: Action;
}

const everything: Readonly<Record<Action, number>> = {
  join: 4,
  close: 3,
  crash: 3,
  restart: 3,
  reopen: 1,
  expire: 3,
  stop: 1,
  breakPipe: 1,
  pause: 1,
  resume: 2,
  deleteRecords: 1,
  skipOffsets: 1,
};

export function drawPlan(chance: Chance, lengthMs: number): readonly PlannedAction[] {
  // some runs have a little of all, some a lot of a few things
  const favourites = chance.happens(0.5) ? everything : Object.fromEntries(Object.entries(everything).filter(() => chance.happens(0.4)));
  const weights: Partial<Record<Action, number>> = { join: 1, ...favourites };
  const count = Math.round(chance.magnitude(1, 30));
  const actions = Array.from({ length: count }, () => ({
    atMs: chance.between(0, lengthMs),
    action: chance.weighted(weights as Record<Action, number>),
  }));
  return actions.sort((a, b) => a.atMs - b.atMs);
}
