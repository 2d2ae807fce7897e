/** An order as it is decoded by hand: unknown fields are lost. */
export interface DecodedOrder {
  orderId: string;
  customerEmail: string;
  currency: string;
  totalCents: bigint;
  discountCents: bigint;
  priority: number;
  weightKg: number;
  channel: number;
  shipTo: { street: string; city: string; country: string } | undefined;
  items: { sku: string; quantity: number; priceCents: bigint }[];
  labels: Map<string, string>;
  gift: boolean;
}

let buffer: Buffer = Buffer.alloc(0);
let position = 0;

/** Reads the bytes of an order, for this message alone. Text that is no UTF-8 is not noticed. */
export function decodeOrder(bytes: Uint8Array): DecodedOrder {
  buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  position = 0;
  const order: DecodedOrder = {
    orderId: "",
    customerEmail: "",
    currency: "",
    totalCents: 0n,
    discountCents: 0n,
    priority: 0,
    weightKg: 0,
    channel: 0,
    shipTo: undefined,
    items: [],
    labels: new Map(),
    gift: false,
  };
  while (position < buffer.length) {
    const tag = readVarint();
    switch (tag) {
      case 10:
        order.orderId = readText();
        break;
      case 18:
        order.customerEmail = readText();
        break;
      case 26:
        order.currency = readText();
        break;
      case 32:
        order.totalCents = BigInt(readVarint());
        break;
      case 40:
        order.discountCents = BigInt(readVarint());
        break;
      case 48:
        order.priority = readVarint();
        break;
      case 57:
        order.weightKg = buffer.readDoubleLE(position);
        position += 8;
        break;
      case 64:
        order.channel = readVarint();
        break;
      case 74:
        order.shipTo = readAddress();
        break;
      case 82:
        order.items.push(readItem());
        break;
      case 90:
        readLabel(order.labels);
        break;
      case 96:
        order.gift = readVarint() !== 0;
        break;
      default:
        skip(tag);
    }
  }
  return order;
}

function readAddress(): { street: string; city: string; country: string } {
  const address = { street: "", city: "", country: "" };
  const end = readVarint() + position;
  while (position < end) {
    const tag = readVarint();
    if (tag === 10) address.street = readText();
    else if (tag === 18) address.city = readText();
    else if (tag === 26) address.country = readText();
    else skip(tag);
  }
  return address;
}

function readItem(): { sku: string; quantity: number; priceCents: bigint } {
  const item = { sku: "", quantity: 0, priceCents: 0n };
  const end = readVarint() + position;
  while (position < end) {
    const tag = readVarint();
    if (tag === 10) item.sku = readText();
    else if (tag === 16) item.quantity = readVarint();
    else if (tag === 24) item.priceCents = BigInt(readVarint());
    else skip(tag);
  }
  return item;
}

function readLabel(labels: Map<string, string>): void {
  let [name, value] = ["", ""];
  const end = readVarint() + position;
  while (position < end) {
    const tag = readVarint();
    if (tag === 10) name = readText();
    else if (tag === 18) value = readText();
    else skip(tag);
  }
  labels.set(name, value);
}

function readText(): string {
  const size = readVarint();
  if (position + size > buffer.length) throw new RangeError("text is cut off");
  position += size;
  return buffer.toString("utf8", position - size, position);
}

/** For what is not negative, up to 2^53. */
function readVarint(): number {
  let value = 0;
  let unit = 1;
  for (;;) {
    const byte = buffer[position++];
    if (byte === undefined) throw new RangeError("a number is cut off");
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return value;
    unit *= 128;
  }
}

function skip(tag: number): void {
  const wireType = tag % 8;
  if (wireType === 0) readVarint();
  else if (wireType === 1) position += 8;
  else if (wireType === 2) position += readVarint();
  else if (wireType === 5) position += 4;
  else throw new RangeError(`tag ${tag} has no wire type that is read here`);
}
