import { z } from "zod";

/** The rules of OrderPlaced in zod 4, which compiles objects to code. Properties that are not declared are refused. */
export const zodOrder = z
  .strictObject({
    orderId: z.uuid(),
    customerEmail: z.email(),
    currency: z.string().regex(/^[A-Z]{3}$/),
    totalCents: z.bigint().min(0n).max(100_000_000_000n),
    discountCents: z.bigint().min(0n),
    priority: z.int().min(0).max(9),
    weightKg: z.number().positive().max(1_000),
    channel: z.literal([1, 2, 3]),
    shipTo: z.strictObject({ street: z.string().min(1).max(200), city: z.string().min(1).max(100), country: z.string().length(2) }),
    items: z
      .array(z.strictObject({ sku: z.string().min(1).max(32), quantity: z.int().min(1).max(1_000), priceCents: z.bigint().min(0n) }))
      .min(1)
      .max(100),
    labels: z.record(z.string().min(1).max(63), z.string().max(256)).refine((labels) => Object.keys(labels).length <= 16),
    gift: z.boolean(),
  })
  .refine((order) => order.discountCents <= order.totalCents);
