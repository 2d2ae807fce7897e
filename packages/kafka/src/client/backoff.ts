const FIRST_MS = 50;
const MOST_MS = 5_000;

/** How long to wait before try number `attempt` (from 0) is repeated: doubling, with jitter so that clients do not come back together. */
export function backoffMs(attempt: number): number {
  return Math.min(MOST_MS, FIRST_MS * 2 ** attempt) * (0.5 + Math.random() / 2);
}
