export interface Backoff {
  readonly initialBackoffMs: number;
  readonly maxBackoffMs: number;
  /** Part of the wait that is random, 0 to 1. */
  readonly jitter: number;
}

/** The wait after the `failures`-th failure in a row: doubling up to the maximum, of which the random part is taken off. */
export function backoffMs(backoff: Backoff, failures: number, random: () => number): number {
  // 2^53 and more is past any maximum
  const full = Math.min(backoff.maxBackoffMs, backoff.initialBackoffMs * 2 ** Math.min(failures - 1, 53));
  return full * (1 - backoff.jitter * random());
}
