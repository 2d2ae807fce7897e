/** User code of a stream. */
export interface Work {
  readonly group: string;
  readonly stage: string;
}

/** A shorter silence says nothing. */
const leastSilenceMs = 500;

let isWatched = false;
let notedAt = 0;
let longestMs = 0;
/** What the longest silence since the last look ended with; undefined where a call began then, before which somebody else ran. */
let afterLongest: Work | undefined;

/**
 * A call of user code begins, has returned (with a promise, perhaps), or has ended. Between two such notes one piece of code ran, or nothing: after a long
 * silence, what has returned or ended first is what ran.
 */
export function noteWork(group: string, stage: string, event: "begins" | "returned" | "ended"): void {
  if (!isWatched) return;
  const now = performance.now();
  const silenceMs = now - notedAt;
  notedAt = now;
  if (silenceMs < leastSilenceMs || silenceMs < longestMs) return;
  longestMs = silenceMs;
  afterLongest = event === "begins" ? undefined : { group, stage };
}

/**
 * For who watches the event loop and calls this again and again: whose code ran in the longest silence since the last call, undefined where that cannot be told.
 *
 * @internal
 */
export function takeCurrentWork(): Work | undefined {
  const found = afterLongest;
  isWatched = true;
  notedAt = performance.now();
  longestMs = 0;
  afterLongest = undefined;
  return found;
}

/** Nobody watches any more. @internal */
export function leaveCurrentWork(): void {
  isWatched = false;
}
