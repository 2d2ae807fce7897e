import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

interface Feature {
  readonly properties: { readonly net: string; readonly mag: number };
}

/** What the program must come to, counted here from the file itself: neither the framework nor the program takes part. */
export function countFeed(): { total: number; strong: number; perNetwork: Record<string, number> } {
  const file = join(dirname(createRequire(import.meta.url).resolve("vega-datasets")), "../data/earthquakes.json");
  const { features }: { features: Feature[] } = JSON.parse(readFileSync(file, "utf8"));
  const perNetwork: Record<string, number> = {};
  for (const { properties } of features) perNetwork[properties.net] = (perNetwork[properties.net] ?? 0) + 1;
  return { total: features.length, strong: features.filter(({ properties }) => properties.mag >= 4.5).length, perNetwork };
}
