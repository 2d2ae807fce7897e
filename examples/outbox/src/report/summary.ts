import type { Result } from "../run.js";

/** What a run has shown, and what it has not: a relay that was killed before it had published anything proves little. */
export function summary({ orders, published, kills, publishedByLife, wrong }: Result): readonly string[] {
  const idle = publishedByLife.filter((events) => events === 0).length;
  const lines = [
    `${orders} orders in the database, ${published} events on the topic`,
    `published between two kills: ${publishedByLife.join(", ")} (nothing in ${idle} of ${publishedByLife.length} lives)`,
  ];
  if (wrong.length === 0) lines.push(`Each order was published once, in the order of its customer; the relay was killed ${kills} times.`);
  if (idle > 0) {
    lines.push(
      "In some lives the relay was killed before it had started, as happens on a machine that is busy: a longer --kill-every-ms gives it the time, --kills N waits for it.",
    );
  }
  return lines;
}
