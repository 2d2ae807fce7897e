import type { PublishedOrder } from "./published-orders.js";

/** What is wrong with what was published, in words; empty: each order once, none that was rolled back, and each customer's in their order. */
export function discrepancies(
  published: readonly PublishedOrder[],
  orders: ReadonlyMap<string, { readonly customerId: string; readonly number: number }>,
): readonly string[] {
  const wrong: string[] = [];
  const times = new Map<string, number>();
  const last = new Map<string, number>();
  for (const { orderId, customerId, number } of published) {
    times.set(orderId, (times.get(orderId) ?? 0) + 1);
    if (!orders.has(orderId)) wrong.push(`order ${orderId} was published, and is not in the database`);
    const expected = (last.get(customerId) ?? 0) + 1;
    if (number !== expected) wrong.push(`order ${number} of ${customerId} was published where ${expected} was to come`);
    last.set(customerId, number);
  }
  for (const orderId of orders.keys()) {
    const count = times.get(orderId) ?? 0;
    if (count !== 1) wrong.push(`order ${orderId} was published ${count} times`);
  }
  return wrong;
}
