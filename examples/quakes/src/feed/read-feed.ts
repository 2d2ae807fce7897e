import { readFile } from "node:fs/promises";
import type { Feature } from "./feature.js";

/** Where the npm package `vega-datasets` keeps the feed: 1,707 events of one week in 2018. */
const feedUrl = new URL("../data/earthquakes.json", import.meta.resolve("vega-datasets"));

/** The events of the feed, oldest first (the feed itself has the newest first). */
export async function readFeed(): Promise<readonly Feature[]> {
  const feed: { features: Feature[] } = JSON.parse(await readFile(feedUrl, "utf8"));
  return feed.features.sort((a, b) => a.properties.time - b.properties.time);
}
