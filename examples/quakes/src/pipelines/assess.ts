import { setTimeout as delay } from "node:timers/promises";
import type { QuakeReported } from "../gen/quakes/v1/quakes.js";

export interface Assessment {
  readonly quake: QuakeReported;
  readonly peopleExposed: number;
}

/**
 * Stands for a look-up in a service that is slow: how many people live where it shakes. How long it takes and what it answers follow
 * from the quake's id alone, so that every run gets the same answers.
 */
export async function assess(quake: QuakeReported, signal: AbortSignal): Promise<Assessment> {
  const hash = hashOf(quake.id);
  await delay(2 + (hash % 9), undefined, { signal });
  return { quake, peopleExposed: (hash % 1_000) * Math.max(0, Math.round(quake.magnitude)) };
}

function hashOf(text: string): number {
  let hash = 0;
  for (const character of text) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return hash;
}
