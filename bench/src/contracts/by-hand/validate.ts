/** What a validator by hand finds. */
export interface Fault {
  readonly path: string;
  readonly message: string;
}

type Loose = Readonly<Record<string, unknown>>;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// the expression that the HTML standard gives for input type=email
const email = /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const currency = /^[A-Z]{3}$/;

/** Every fault of types and rules of an order, as one would write it for this message alone. */
export function validateOrder(unchecked: object): readonly Fault[] {
  const faults: Fault[] = [];
  const order = unchecked as Loose;
  const { orderId, customerEmail, totalCents, discountCents, priority, weightKg, channel, shipTo, items, labels, gift } = order;
  if (typeof orderId !== "string" || !uuid.test(orderId)) faults.push({ path: "orderId", message: "must be a UUID" });
  if (typeof customerEmail !== "string" || !email.test(customerEmail)) faults.push({ path: "customerEmail", message: "must be an email address" });
  if (typeof order.currency !== "string" || !currency.test(order.currency))
    faults.push({ path: "currency", message: "must be three capital letters" });
  if (!isCents(totalCents) || totalCents > 100_000_000_000n) faults.push({ path: "totalCents", message: "must be 0 to 100,000,000,000" });
  if (!isCents(discountCents)) faults.push({ path: "discountCents", message: "must be at least 0" });
  if (isCents(totalCents) && isCents(discountCents) && discountCents > totalCents)
    faults.push({ path: "", message: "must not be more than the total" });
  if (!isInteger(priority, 0, 9)) faults.push({ path: "priority", message: "must be 0 to 9" });
  if (typeof weightKg !== "number" || !(weightKg > 0 && weightKg <= 1_000))
    faults.push({ path: "weightKg", message: "must be above 0 and at most 1,000" });
  if (channel !== 1 && channel !== 2 && channel !== 3) faults.push({ path: "channel", message: "must be a channel" });
  if (typeof shipTo !== "object" || shipTo === null) faults.push({ path: "shipTo", message: "must be an address" });
  else validateAddress(shipTo as Loose, faults);
  if (!Array.isArray(items) || items.length < 1 || items.length > 100) faults.push({ path: "items", message: "must be 1 to 100 items" });
  else for (let index = 0; index < items.length; index++) validateItem(items[index], index, faults);
  if (typeof labels !== "object" || labels === null) faults.push({ path: "labels", message: "must be an object" });
  else validateLabels(labels as Loose, faults);
  if (typeof gift !== "boolean") faults.push({ path: "gift", message: "must be a boolean" });
  return faults;
}

function validateAddress(address: Loose, faults: Fault[]): void {
  if (!isText(address.street, 1, 200)) faults.push({ path: "shipTo.street", message: "must be 1 to 200 characters" });
  if (!isText(address.city, 1, 100)) faults.push({ path: "shipTo.city", message: "must be 1 to 100 characters" });
  if (!isText(address.country, 2, 2)) faults.push({ path: "shipTo.country", message: "must be 2 characters" });
}

function validateItem(item: unknown, index: number, faults: Fault[]): void {
  if (typeof item !== "object" || item === null) {
    faults.push({ path: `items[${index}]`, message: "must be an item" });
    return;
  }
  const { sku, quantity, priceCents } = item as Loose;
  if (!isText(sku, 1, 32)) faults.push({ path: `items[${index}].sku`, message: "must be 1 to 32 characters" });
  if (!isInteger(quantity, 1, 1_000)) faults.push({ path: `items[${index}].quantity`, message: "must be 1 to 1,000" });
  if (!isCents(priceCents)) faults.push({ path: `items[${index}].priceCents`, message: "must be at least 0" });
}

function validateLabels(labels: Loose, faults: Fault[]): void {
  let size = 0;
  for (const name in labels) {
    size++;
    if (!isText(name, 1, 63)) faults.push({ path: `labels[${JSON.stringify(name)}]`, message: "key must be 1 to 63 characters" });
    if (!isText(labels[name], 0, 256)) faults.push({ path: `labels[${JSON.stringify(name)}]`, message: "must be at most 256 characters" });
  }
  if (size > 16) faults.push({ path: "labels", message: "must be at most 16 entries" });
}

const isInteger = (value: unknown, min: number, max: number): boolean =>
  typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;

const isCents = (value: unknown): value is bigint => typeof value === "bigint" && value >= 0n && value < 2n ** 63n;

const isText = (value: unknown, min: number, max: number): boolean => typeof value === "string" && value.length >= min && value.length <= max;
