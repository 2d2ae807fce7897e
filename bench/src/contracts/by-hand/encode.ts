import type { Order } from "../orders.js";

let scratch = Buffer.allocUnsafe(65_536);
let end = 0;

/** The bytes of an order, written for this message alone into memory that is used again. */
export function encodeOrder(order: Order): Uint8Array {
  end = 0;
  writeText(10, order.orderId);
  writeText(18, order.customerEmail);
  writeText(26, order.currency);
  writeInteger(32, Number(order.totalCents));
  writeInteger(40, Number(order.discountCents));
  writeInteger(48, order.priority);
  if (order.weightKg !== 0) {
    scratch[end++] = 57;
    end = scratch.writeDoubleLE(order.weightKg, end);
  }
  writeInteger(64, order.channel);
  const address = begin(74);
  writeText(10, order.shipTo.street);
  writeText(18, order.shipTo.city);
  writeText(26, order.shipTo.country);
  finish(address);
  for (const { sku, quantity, priceCents } of order.items) {
    const item = begin(82);
    writeText(10, sku);
    writeInteger(16, quantity);
    writeInteger(24, Number(priceCents));
    finish(item);
  }
  for (const name in order.labels) {
    const entry = begin(90);
    writeText(10, name);
    writeText(18, order.labels[name] ?? "");
    finish(entry);
  }
  if (order.gift) {
    scratch[end++] = 96;
    scratch[end++] = 1;
  }
  return Buffer.from(scratch.subarray(0, end));
}

/** Starts what has a length in front of it, for which one byte is left: enough for 127. */
function begin(tag: number): number {
  reserve(256);
  scratch[end++] = tag;
  return end++;
}

function finish(start: number): void {
  const size = end - start - 1;
  if (size < 128) {
    scratch[start] = size;
    return;
  }
  const wide = size < 16_384 ? 2 : size < 2_097_152 ? 3 : 5;
  reserve(8);
  scratch.copyWithin(start + wide, start + 1, end);
  const last = end + wide - 1;
  end = start;
  writeVarint(size);
  end = last;
}

function writeText(tag: number, text: string): void {
  if (text === "") return;
  reserve(text.length * 3 + 8);
  scratch[end++] = tag;
  const start = end++;
  end += scratch.write(text, end, "utf8");
  finish(start);
}

function writeInteger(tag: number, value: number): void {
  if (value === 0) return;
  reserve(16);
  scratch[end++] = tag;
  writeVarint(value);
}

/** For what is not negative, up to 2^53. */
function writeVarint(value: number): void {
  let rest = value;
  while (rest > 0x7fffffff) {
    scratch[end++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest > 127) {
    scratch[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  scratch[end++] = rest;
}

function reserve(size: number): void {
  if (end + size <= scratch.length) return;
  const larger = Buffer.allocUnsafe((end + size) * 2);
  scratch.copy(larger, 0, 0, end);
  scratch = larger;
}
