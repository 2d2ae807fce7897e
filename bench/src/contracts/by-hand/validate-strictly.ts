/// <reference lib="es2024.string" />
import { type Fault, validateOrder } from "./validate.js";

type Loose = Readonly<Record<string, unknown>>;

const orderProperties = new Set(
  "orderId customerEmail currency totalCents discountCents priority weightKg channel shipTo items labels gift".split(" "),
);
const addressProperties = new Set(["street", "city", "country"]);
const itemProperties = new Set(["sku", "quantity", "priceCents"]);

/** As `validateOrder`, and what a contract refuses besides: properties that are not declared, and text that has no UTF-8. */
export function validateOrderStrictly(unchecked: object): readonly Fault[] {
  const order = unchecked as Loose;
  const found = validateOrder(order);
  const faults: Fault[] = [];
  refuseOthers(order, orderProperties, faults);
  if (typeof order.shipTo === "object" && order.shipTo !== null) refuseOthers(order.shipTo as Loose, addressProperties, faults);
  if (Array.isArray(order.items)) for (const item of order.items as readonly Loose[]) refuseOthers(item, itemProperties, faults);
  const labels = order.labels as Loose;
  for (const name in labels) {
    const value = labels[name];
    if (!name.isWellFormed() || (typeof value === "string" && !value.isWellFormed()))
      faults.push({ path: "labels", message: "must be well-formed text" });
  }
  return faults.length === 0 ? found : [...found, ...faults];
}

function refuseOthers(message: Loose, declared: ReadonlySet<string>, faults: Fault[]): void {
  for (const name in message) {
    if (!declared.has(name)) faults.push({ path: name, message: "is not declared" });
    const value = message[name];
    if (typeof value === "string" && !value.isWellFormed()) faults.push({ path: name, message: "must be well-formed text" });
  }
}
