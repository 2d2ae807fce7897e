import type { Position } from "@org/bus-connect";
import { readFromSchema } from "@org/bus-connect-file/internal";
import { BusError } from "@org/bus-core";
import { z } from "zod";

const positionSchema = z.strictObject({
  key: z.string(),
  modifiedMs: z.number(),
  /** Of the object that was begun; absent: it was read to its end. */
  begun: z.strictObject({ ...readFromSchema.shape, etag: z.string() }).optional(),
});

/** Behind some rows of an object, or behind all of it. */
export type ObjectPosition = z.output<typeof positionSchema>;

export function parsePosition(prefix: string, position: Position | undefined): ObjectPosition | undefined {
  if (position === undefined) return undefined;
  const result = positionSchema.safeParse(position);
  if (result.success) return result.data;
  throw new BusError(
    "invalid_options",
    `the position of ${JSON.stringify(prefix)} is none of objects: must be { key, modifiedMs } with { begun } or without`,
  );
}

/** As JSON has it: without what is absent. */
export function toPosition({ key, modifiedMs, begun }: ObjectPosition): Position {
  return { key, modifiedMs, ...(begun !== undefined && { begun: { ...begun } }) };
}
