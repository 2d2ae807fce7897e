import type { JsonValue } from "@org/bus-core";
import { z } from "zod";
import type { SplitPosition } from "../task/split/split-log.js";

/** A position as it is stored. */
export const storedPosition: z.ZodType<SplitPosition> = z.object({
  position: z.json() as z.ZodType<JsonValue>,
  offset: z.number().int().min(0),
});
