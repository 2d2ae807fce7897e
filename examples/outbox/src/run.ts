import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { discrepancies } from "./check/compare.js";
import { PublishedOrders } from "./check/published-orders.js";
import type { CommandLine } from "./command-line.js";
import { RelayProcess } from "./relay/relay-process.js";
import { Shop } from "./service/shop.js";
import type { Services } from "./services.js";

export interface Result {
  /** In the database. */
  readonly orders: number;
  readonly published: number;
  readonly kills: number;
  /** How many events were published before the last kill: that the relay got somewhere in between. */
  readonly publishedBetweenKills: number;
  readonly wrong: readonly string[];
}

const ordersPerSecond = 100;
/** How long the relay may take in the end to publish what is left. */
const drainMs = 120_000;

/** Sells for a while, kills the relay meanwhile, lets it finish, and compares. */
export async function run(
  { brokers, postgresUrl }: Services,
  options: Pick<CommandLine, "seconds" | "killEveryMs" | "kills">,
  onProgress: (share: number, text: string) => void,
  signal: AbortSignal,
): Promise<Result> {
  await using published = new PublishedOrders(brokers);
  await published.open();
  await using shop = new Shop(postgresUrl);
  await shop.open();
  await using relay = new RelayProcess(`outbox-${randomUUID().slice(0, 8)}`, { KAFKA_BROKERS: brokers.join(","), OUTBOX_POSTGRES_URL: postgresUrl });
  relay.start();

  const closing = new AbortController();
  const over = AbortSignal.any([signal, closing.signal]);
  const selling = shop.sell(ordersPerSecond, over);
  const tell = (share: number) => onProgress(share, `${shop.placed} orders, ${published.found.length} published, relay killed ${relay.kills} times`);
  if (options.kills === undefined) await killInTime(relay, options, tell, signal);
  else await killByProgress(relay, options.kills, () => published.found.length, tell, signal);
  closing.abort();
  await selling;
  const publishedBetweenKills = published.found.length;

  const orders = await shop.orders();
  for (const giveUpAt = performance.now() + drainMs; published.found.length < orders.size && performance.now() < giveUpAt; ) {
    await delay(100, undefined, { signal });
  }
  await relay[Symbol.asyncDispose]();
  const all = await published.all();
  return { orders: orders.size, published: all.length, kills: relay.kills, publishedBetweenKills, wrong: discrepancies(all, orders) };
}

async function killInTime(
  relay: RelayProcess,
  { seconds, killEveryMs }: Pick<CommandLine, "seconds" | "killEveryMs">,
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  for (let share = 0; share < 1; ) {
    await delay(killEveryMs, undefined, { signal });
    share = (performance.now() - startedAt) / (seconds * 1000);
    tell(share);
    if (share >= 1) break;
    await relay.kill();
    relay.start();
  }
}

/** Kills it at some moment of its first second of publishing, as often as that. */
async function killByProgress(
  relay: RelayProcess,
  kills: number,
  published: () => number,
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<void> {
  while (relay.kills < kills) {
    const before = published();
    while (published() === before) await delay(5, undefined, { signal });
    await delay(Math.random() * 300, undefined, { signal });
    await relay.kill();
    tell(relay.kills / kills);
    relay.start();
  }
}
