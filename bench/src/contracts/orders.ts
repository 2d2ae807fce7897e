import { Channel } from "../gen/bench/v1/order_placed.js";
import { seededRandom } from "../workload.js";

/** An order with all that may be left out: what every peer gets, in its own form. */
export interface Order {
  readonly orderId: string;
  readonly customerEmail: string;
  readonly currency: string;
  readonly totalCents: bigint;
  readonly discountCents: bigint;
  readonly priority: number;
  readonly weightKg: number;
  readonly channel: Channel;
  readonly shipTo: { readonly street: string; readonly city: string; readonly country: string };
  readonly items: readonly { readonly sku: string; readonly quantity: number; readonly priceCents: bigint }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly gift: boolean;
}

/** `count` valid orders, no two the same, of one to five items and up to three labels: about 270 encoded bytes. */
export function makeOrders(count: number, seed = 1): readonly Order[] {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(values: readonly T[], fallback: T): T => values[below(values.length)] ?? fallback;
  return Array.from({ length: count }, (_, index): Order => {
    const items = Array.from({ length: 1 + below(5) }, () => ({
      sku: `sku-${below(1_000_000)}`,
      quantity: 1 + below(20),
      priceCents: BigInt(1 + below(100_000)),
    }));
    const totalCents = items.reduce((sum, item) => sum + item.priceCents * BigInt(item.quantity), 0n);
    return {
      orderId: uuid(random),
      customerEmail: `customer.${index}@${pick(["example.com", "mail.example.org", "shop.example.net"], "example.com")}`,
      currency: pick(["EUR", "USD", "GBP", "CHF"], "EUR"),
      totalCents,
      discountCents: totalCents / BigInt(10 + below(90)),
      priority: below(10),
      weightKg: 0.1 + below(20_000) / 100,
      channel: pick([Channel.WEB, Channel.APP, Channel.SHOP], Channel.WEB),
      shipTo: {
        street: `${1 + below(200)} ${pick(["Harbour Road", "Rue de la Gare", "Hauptstraße"], "High Street")}`,
        city: "Zürich",
        country: "CH",
      },
      items,
      labels: Object.fromEntries(["campaign", "source", "experiment"].slice(0, below(4)).map((name) => [name, `${name}-${below(50)}`])),
      gift: random() < 0.2,
    };
  });
}

function uuid(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16));
  hex[12] = "4";
  hex[16] = "a";
  const text = hex.join("");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join("-");
}
