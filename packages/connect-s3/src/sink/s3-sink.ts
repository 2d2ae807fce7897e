import type { ConnectRecord, Sink, SinkWriter } from "@org/bus-connect";
import { PartsWriter, partFormat } from "@org/bus-connect-file/internal";
import { atOnce, resolveOptions } from "@org/bus-core/internal";
import { checkBucket, openClient } from "../client/client.js";
import { ObjectStore } from "./object-store.js";
import { type S3SinkOptions, s3SinkOptions } from "./options.js";

/**
 * Writes objects of NDJSON, CSV or Parquet into a bucket.
 *
 * Records of a topic go to `PREFIX TOPIC/TOPIC-PARTITION-OFFSET.EXTENSION`, by the offset that the object begins with, and a repeat after a crash leaves each of
 * them once. Records of other sources go to `PREFIX records-TIME-RANDOM.EXTENSION`, at least once. A new object is begun when `maxBytes` is reached, and at
 * each flush of the connector (`flushIntervalMs`).
 *
 * @throws {BusError} `invalid_options`
 */
export function s3Sink<T = unknown>(options: S3SinkOptions<T>): Sink<T> {
  const resolved = resolveOptions("s3Sink", s3SinkOptions, options);
  const { partitionBy, maxBytes, row } = resolved;
  // the records of this sink are those that `row` takes
  const made = (row as ((record: ConnectRecord<unknown>) => unknown) | undefined) ?? (({ value }) => value);
  const rowOf = (record: ConnectRecord<unknown>) => atOnce("row of s3Sink", made(record));
  const compress = resolved.compress && resolved.format !== "parquet";
  const format = partFormat({ ...resolved, compress, row: rowOf });
  return {
    name: "s3",
    batching: { by: "partition" },
    check: ({ signal }) => checkBucket(resolved, signal),
    checkRecord: (record) => void format.create().add(record),
    async open({ clock }): Promise<SinkWriter<T>> {
      const client = openClient(resolved);
      const parts = new PartsWriter<T>({ store: new ObjectStore(client, resolved), format, compress, maxBytes, clock }, partitionBy);
      return {
        write: (records) => parts.write(records),
        flush: () => parts.flush(),
        async close() {
          await parts.close();
          client.destroy();
        },
      };
    },
  };
}
