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
  /** How many events each life of the relay published that ended with a kill: whether it got somewhere at all. */
  readonly publishedByLife: readonly number[];
  readonly wrong: readonly string[];
}

const ordersPerSecond = 100;
/** What the client sees of a life may come so long after its end; no relay publishes as soon after its start. */
const afterglowMs = 100;
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
  const sight: Sight = {
    seen: () => published.found.length,
    tell: (share) => onProgress(share, `${shop.placed} orders, ${published.found.length} published, relay killed ${relay.kills} times`),
    signal,
  };
  const publishedByLife = await (options.kills === undefined ? killInTime(relay, options, sight) : killByProgress(relay, options.kills, sight));
  closing.abort();
  await selling;

  const orders = await shop.orders();
  for (const giveUpAt = performance.now() + drainMs; published.found.length < orders.size && performance.now() < giveUpAt; ) {
    await delay(100, undefined, { signal });
  }
  await relay[Symbol.asyncDispose]();
  const all = await published.all();
  return { orders: orders.size, published: all.length, kills: relay.kills, publishedByLife, wrong: discrepancies(all, orders) };
}

/** What those who kill see and tell. */
interface Sight {
  /** Events that have been published so far. */
  seen(): number;
  tell(share: number): void;
  readonly signal: AbortSignal;
}

/** @returns what each life published that was ended */
async function killInTime(
  relay: RelayProcess,
  { seconds, killEveryMs }: Pick<CommandLine, "seconds" | "killEveryMs">,
  { seen, tell, signal }: Sight,
): Promise<readonly number[]> {
  const startedAt = performance.now();
  const byLife: number[] = [];
  for (;;) {
    await delay(Math.min(afterglowMs, killEveryMs), undefined, { signal });
    const before = seen();
    await delay(Math.max(0, killEveryMs - afterglowMs), undefined, { signal });
    const share = (performance.now() - startedAt) / (seconds * 1000);
    tell(share);
    if (share >= 1) return byLife;
    await relay.kill();
    byLife.push(seen() - before);
    relay.start();
  }
}

/** Kills it at some moment of its first second of publishing, as often as that. */
async function killByProgress(relay: RelayProcess, kills: number, { seen, tell, signal }: Sight): Promise<readonly number[]> {
  const byLife: number[] = [];
  while (relay.kills < kills) {
    await delay(afterglowMs, undefined, { signal });
    const before = seen();
    while (seen() === before) await delay(5, undefined, { signal });
    await delay(Math.random() * 300, undefined, { signal });
    await relay.kill();
    byLife.push(seen() - before);
    tell(relay.kills / kills);
    relay.start();
  }
  return byLife;
}
