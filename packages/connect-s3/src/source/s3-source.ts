import type { S3Client } from "@aws-sdk/client-s3";
import type { Source, SourceBatch, SourceContext } from "@org/bus-connect";
import { fromStart, type ReadFrom, readRows } from "@org/bus-connect-file/internal";
import { BusError } from "@org/bus-core";
import { resolveOptions, sleep } from "@org/bus-core/internal";
import { checkBucket, openClient } from "../client/client.js";
import { toBusError } from "../client/errors.js";
import { objectNow, objectsAfter } from "./list-objects.js";
import { objectInput, type StoredObject } from "./object-input.js";
import { type ResolvedS3SourceOptions, type S3SourceOptions, s3SourceOptions } from "./options.js";
import { type ObjectPosition, parsePosition, toPosition } from "./position.js";

/**
 * Reads objects of NDJSON, CSV or Parquet out of a bucket, one behind the other: each prefix is a split, each row a record, whose id is the key with the number
 * of the line (of the row in Parquet): `2026/11/28.ndjson:812`.
 *
 * @typeParam T what `schema` makes of a row; without a schema what the caller knows of it
 * @throws {BusError} `invalid_options`
 */
export function s3Source<T = Record<string, unknown>>(options: S3SourceOptions): Source<T> {
  const resolved = resolveOptions("s3Source", s3SourceOptions, options);
  return {
    name: "s3",
    replayable: true,
    bounded: !resolved.watch,
    splits: async () => resolved.prefixes.map((id) => ({ id })),
    check: ({ signal }) => checkBucket(resolved, signal),
    async *read(context: SourceContext): AsyncIterable<SourceBatch<T>> {
      const client = openClient(resolved);
      try {
        yield* readPrefix<T>(client, resolved, context);
      } catch (error) {
        if (context.signal.aborted) return;
        throw toBusError(error, resolved.bucket);
      } finally {
        client.destroy();
      }
    },
  };
}

async function* readPrefix<T>(client: S3Client, options: ResolvedS3SourceOptions, context: SourceContext): AsyncIterable<SourceBatch<T>> {
  const { split, signal, clock } = context;
  const prefix = split.id;
  let at = parsePosition(prefix, context.position);
  if (at?.begun !== undefined) {
    const { object, from } = await whereToGoOn(client, options, at, context);
    if (object !== undefined) yield* readObject<T>(client, options, object, from, context);
    at = { key: at.key, modifiedMs: object?.modifiedMs ?? at.modifiedMs };
  }
  while (!signal.aborted) {
    for await (const object of objectsAfter(client, options, prefix, at, signal)) {
      yield* readObject<T>(client, options, object, fromStart, context);
      at = { key: object.key, modifiedMs: object.modifiedMs };
    }
    if (!options.watch) return;
    await sleep(clock, options.intervalMs, signal);
  }
}

async function* readObject<T>(
  client: S3Client,
  options: ResolvedS3SourceOptions,
  object: StoredObject,
  from: ReadFrom,
  { signal }: SourceContext,
): AsyncIterable<SourceBatch<T>> {
  const { key, etag, modifiedMs } = object;
  for await (const { batch, next } of readRows<T>(objectInput(client, options, object, signal), from, options)) {
    if (signal.aborted) return;
    yield { ...batch, position: toPosition({ key, modifiedMs, begun: { ...next, etag } }) };
  }
  // what it has is no matter any more, so it may be replaced or removed
  yield { records: [], position: toPosition({ key, modifiedMs }) };
}

async function whereToGoOn(
  client: S3Client,
  { bucket, whenReplaced }: ResolvedS3SourceOptions,
  { key, begun }: ObjectPosition,
  { signal, logger, split }: SourceContext,
): Promise<{ readonly object: StoredObject | undefined; readonly from: ReadFrom }> {
  const object = await objectNow(client, bucket, key, signal);
  if (begun === undefined) return { object: undefined, from: fromStart };
  const { etag, ...from } = begun;
  if (object?.etag === etag) return { object, from };
  const what = object === undefined ? `${key} is gone` : `${key} is not the object`;
  if (whenReplaced === "fail") {
    throw new BusError(
      "offset_out_of_range",
      `${what} that ${from.rows} rows were read of: bring it back, alter the position of ${JSON.stringify(split.id)}, or set whenReplaced to "read-again"`,
    );
  }
  logger.warn(
    { key, rows: from.rows },
    `${what} that ${from.rows} rows were read of, ${object === undefined ? "the next one is read" : "it is read from its beginning"}`,
  );
  return { object, from: fromStart };
}
