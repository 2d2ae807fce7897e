import type { ConnectRecord } from "@org/bus-connect";
import { columnsFault, columnsFit, partOptions } from "@org/bus-connect-file/internal";
import { z } from "zod";
import { clientOptions } from "../client/options.js";

/** What a sink of objects takes. */
export const s3SinkOptions = z
  .strictObject({
    ...clientOptions,
    prefix: z.string().default("").describe("what the keys of the objects begin with: `lake/`"),
    conditionalWrites: z
      .boolean()
      .default(true)
      .describe(
        "whether an object is written only where no other process has written it since (`If-Match`, `If-None-Match`); false for stores that do not know that",
      ),
    uploadPartBytes: z
      .int()
      .min(5 * 2 ** 20)
      .max(5 * 2 ** 30)
      .default(8 * 2 ** 20)
      .describe("the parts in which a larger object is uploaded while it is written; so much is held in memory for each partition"),
    ...partOptions,
  })
  .refine(columnsFit, columnsFault);

/** What a sink of objects takes; see the table of its options. */
export interface S3SinkOptions<T = unknown> extends Omit<z.input<typeof s3SinkOptions>, "row"> {
  /** What a record is in an object. @default its value */
  readonly row?: ((record: ConnectRecord<T>) => unknown) | undefined;
}
