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
  options: Pick<CommandLine, "seconds" | "killEveryMs">,
  onProgress: (share: number, text: string) => void,
  signal: AbortSignal,
): Promise<Result> {
  await using published = new PublishedOrders(brokers);
  await published.open();
  await using shop = new Shop(postgresUrl);
  await shop.open();
  await using relay = new RelayProcess(`outbox-${randomUUID().slice(0, 8)}`, { KAFKA_BROKERS: brokers.join(","), OUTBOX_POSTGRES_URL: postgresUrl });
  relay.start();

  const startedAt = performance.now();
  const lengthMs = options.seconds * 1000;
  const over = AbortSignal.any([signal, AbortSignal.timeout(lengthMs)]);
  const selling = shop.sell(ordersPerSecond, over);
  while (!over.aborted) {
    await delay(options.killEveryMs, undefined, { signal: over }).catch(() => {});
    onProgress(
      (performance.now() - startedAt) / lengthMs,
      `${shop.placed} orders, ${published.found.length} published, relay killed ${relay.kills} times`,
    );
    if (over.aborted) break;
    await relay.kill();
    relay.start();
  }
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
