import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { toBusError } from "./errors.js";
import type { ClientOptions } from "./options.js";

/** A client of its own for one source or sink. */
export function openClient({ region, endpoint, pathStyle, credentials, connectTimeoutMs, requestTimeoutMs }: ClientOptions): S3Client {
  return new S3Client({
    region,
    // left to itself the SDK waits for an answer for ever
    requestHandler: { connectionTimeout: connectTimeoutMs, requestTimeout: requestTimeoutMs, throwOnRequestTimeout: true },
    forcePathStyle: pathStyle ?? endpoint !== undefined,
    ...(endpoint !== undefined && { endpoint }),
    ...(credentials !== undefined && {
      credentials: {
        accessKeyId: credentials.accessKeyId.reveal(),
        secretAccessKey: credentials.secretAccessKey.reveal(),
        ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken.reveal() }),
      },
    }),
  });
}

/** Whether the bucket can be reached. */
export async function checkBucket(options: ClientOptions, signal: AbortSignal): Promise<void> {
  const client = openClient(options);
  try {
    await client.send(new HeadBucketCommand({ Bucket: options.bucket }), { abortSignal: signal });
  } catch (error) {
    throw toBusError(error, options.bucket);
  } finally {
    client.destroy();
  }
}
