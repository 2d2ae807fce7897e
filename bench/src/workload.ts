import { randomUUID } from "node:crypto";
import type { PageViewedInit } from "./gen/bench/v1/page_viewed.js";

/** A small seeded generator (mulberry32), so that every round and every peer gets the same keys. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export type KeyDistribution = "uniform" | "zipf";

/** `count` key numbers below `keys`: evenly spread, or Zipf with exponent 1 (key k has a share of 1/k). */
export function keySequence(distribution: KeyDistribution, count: number, keys: number, seed = 1): number[] {
  const random = seededRandom(seed);
  if (distribution === "uniform") return Array.from({ length: count }, () => Math.floor(random() * keys));
  const cumulative: number[] = [];
  let sum = 0;
  for (let k = 1; k <= keys; k++) {
    sum += 1 / k;
    cumulative.push(sum);
  }
  return Array.from({ length: count }, () => {
    const target = random() * sum;
    let low = 0;
    let high = keys - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? 0) < target) low = middle + 1;
      else high = middle;
    }
    return low;
  });
}

/** Records a second that no scheduler can beat: all slots busy, or the hottest key busy all the time. Sleeps count as nominal. */
export function ceilingPerSecond(sequence: readonly number[], concurrency: number, workMs: number): number {
  const perKey = new Map<number, number>();
  for (const key of sequence) perKey.set(key, (perKey.get(key) ?? 0) + 1);
  const longestMs = Math.max((sequence.length * workMs) / concurrency, Math.max(...perKey.values()) * workMs);
  return (sequence.length / longestMs) * 1000;
}

/** An event of about 200 encoded bytes. */
export function pageViewed(user: number, sequence: number): PageViewedInit {
  return {
    userId: `user-${user}`,
    viewId: randomUUID(),
    url: `https://shop.example/catalogue/item-${sequence % 997}?from=search`,
    status: 200,
    durationMs: 12.5,
    sequence: BigInt(sequence),
    mobile: sequence % 3 === 0,
    userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0",
  };
}
