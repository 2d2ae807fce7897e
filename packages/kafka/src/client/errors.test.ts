import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { toBusError } from "./errors.js";

const { KafkaJSGroupCoordinatorNotFound, KafkaJSNonRetriableError } = createRequire(import.meta.url)("kafkajs/src/errors.js") as Readonly<
  Record<string, new (message: string) => Error>
>;

test.each([
  ["a coordinator that is not found", KafkaJSGroupCoordinatorNotFound, true],
  ["what kafkajs calls final", KafkaJSNonRetriableError, false],
])("%s", (_, KafkaJSError, retryable) => {
  const error = KafkaJSError && new KafkaJSError("no");
  expect(toBusError(error, { operation: "commit offsets", principal: "user alice" })).toMatchObject({ code: "transport_failed", retryable });
});
