import { BusError } from "../errors.js";
import type { PublishReceipt } from "./publish.js";

/**
 * The receipts of several messages, in order, when all of them are settled.
 *
 * @throws {BusError} when one or more failed: `details` lists the indexes that were `written`, `notWritten` and `unknown`. The code is the
 * one that all failures share when nothing was written, else `publish_failed`.
 */
export async function allReceipts(publishing: readonly Promise<PublishReceipt>[]): Promise<readonly PublishReceipt[]> {
  const receipts: PublishReceipt[] = [];
  const errors: BusError[] = [];
  const written: number[] = [];
  const notWritten: number[] = [];
  const unknown: number[] = [];
  for (const [index, result] of (await Promise.allSettled(publishing)).entries()) {
    if (result.status === "fulfilled") {
      receipts.push(result.value);
      written.push(index);
    } else {
      const error = BusError.from(result.reason, "publish_failed");
      errors.push(error);
      (error.mayHaveBeenWritten ? unknown : notWritten).push(index);
    }
  }
  const [first] = errors;
  if (first === undefined) return receipts;
  const shared = written.length === 0 && errors.every((error) => error.code === first.code);
  throw new BusError(
    shared ? first.code : "publish_failed",
    `${errors.length} of ${publishing.length} messages were not published: ${first.message}`,
    {
      cause: first,
      retryable: errors.every((error) => error.retryable),
      mayHaveBeenWritten: written.length + unknown.length > 0,
      details: { written, notWritten, unknown },
    },
  );
}
