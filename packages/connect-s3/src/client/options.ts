import { secretOption } from "@org/bus-connect";
import { z } from "zod";

/** How a store is reached; the same for sources and sinks. */
export const clientOptions = {
  bucket: z.string().min(3).describe("the bucket, which must be there"),
  region: z.string().min(1).default("us-east-1").describe("where the bucket is"),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("of a store that is not Amazon's: `http://127.0.0.1:9000` for MinIO"),
  pathStyle: z.boolean().optional().describe("whether the bucket is named in the path instead of in the host; where there is an `endpoint` it is"),
  credentials: z
    .strictObject({ accessKeyId: secretOption, secretAccessKey: secretOption, sessionToken: secretOption.optional() })
    .optional()
    .describe("who asks; where it is left out, as the AWS SDK finds it: environment, profile, role"),
  connectTimeoutMs: z.int().min(1).default(10_000).describe("how long it may take to connect, in ms"),
  requestTimeoutMs: z
    .int()
    .min(1)
    .default(60_000)
    .describe("how long a request may take until its answer begins, and an answer may be silent, in ms; the SDK tries a request up to three times"),
};

export interface ClientOptions {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly pathStyle?: boolean | undefined;
  readonly credentials?: z.output<typeof clientOptions.credentials>;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}
