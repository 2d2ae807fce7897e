import { Ajv } from "ajv";
import formats from "ajv-formats";
import type { Order } from "../orders.js";

const object = (properties: Readonly<Record<string, object>>) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});

/** The rules of OrderPlaced in JSON Schema, compiled to code. JSON has no bigint: 64-bit integers are numbers here, see `toJsonOrder`. */
export const ajvOrder = formats.default(new Ajv({ allErrors: true, strict: true, $data: true })).compile(
  object({
    orderId: { type: "string", format: "uuid" },
    customerEmail: { type: "string", format: "email" },
    currency: { type: "string", pattern: "^[A-Z]{3}$" },
    totalCents: { type: "integer", minimum: 0, maximum: 100_000_000_000 },
    discountCents: { type: "integer", minimum: 0, maximum: { $data: "1/totalCents" } },
    priority: { type: "integer", minimum: 0, maximum: 9 },
    weightKg: { type: "number", exclusiveMinimum: 0, maximum: 1_000 },
    channel: { type: "integer", enum: [1, 2, 3] },
    shipTo: object({
      street: { type: "string", minLength: 1, maxLength: 200 },
      city: { type: "string", minLength: 1, maxLength: 100 },
      country: { type: "string", minLength: 2, maxLength: 2 },
    }),
    items: {
      type: "array",
      minItems: 1,
      maxItems: 100,
      items: object({
        sku: { type: "string", minLength: 1, maxLength: 32 },
        quantity: { type: "integer", minimum: 1, maximum: 1_000 },
        priceCents: { type: "integer", minimum: 0 },
      }),
    },
    labels: {
      type: "object",
      maxProperties: 16,
      propertyNames: { minLength: 1, maxLength: 63 },
      additionalProperties: { type: "string", maxLength: 256 },
    },
    gift: { type: "boolean" },
  }),
);

/** An order as JSON can hold it: 64-bit integers are numbers. */
export const toJsonOrder = (order: Order): object => ({
  ...order,
  totalCents: Number(order.totalCents),
  discountCents: Number(order.discountCents),
  items: order.items.map((item) => ({ ...item, priceCents: Number(item.priceCents) })),
});
