import { access, constants } from "node:fs/promises";
import type { ConnectRecord, Sink } from "@org/bus-connect";
import { atOnce, makeFolder, resolveOptions } from "@org/bus-core/internal";
import { partFormat } from "../formats/part-format.js";
import { PartsWriter } from "../parts/parts-writer.js";
import { FolderStore } from "./folder-store.js";
import { type FileSinkOptions, fileSinkOptions } from "./options.js";

/**
 * Writes files of NDJSON, CSV or Parquet, whole or not at all: a file has its name only when all of it is on the disk.
 *
 * Records of a topic go to `TOPIC/TOPIC-PARTITION-OFFSET.EXTENSION`, by the offset that the file begins with, and a repeat after a crash leaves each of them
 * once. Records of other sources go to `records-TIME-RANDOM.EXTENSION`, at least once. A new file is begun when `maxBytes` is reached, and at each flush of
 * the connector (`flushIntervalMs`).
 *
 * @throws {BusError} `invalid_options`
 */
export function fileSink<T = unknown>(options: FileSinkOptions<T>): Sink<T> {
  const { folder, partitionBy, maxBytes, row, ...rest } = resolveOptions("fileSink", fileSinkOptions, options);
  // the records of this sink are those that `row` takes
  const made = (row as ((record: ConnectRecord<unknown>) => unknown) | undefined) ?? (({ value }) => value);
  const rowOf = (record: ConnectRecord<unknown>) => atOnce("row of fileSink", made(record));
  const compress = rest.compress && rest.format !== "parquet";
  const format = partFormat({ ...rest, compress, row: rowOf });
  return {
    name: "file",
    batching: { by: "partition" },
    async check() {
      await makeFolder(folder);
      await access(folder, constants.W_OK);
    },
    checkRecord: (record) => void format.create().add(record),
    open: async ({ clock }) => new PartsWriter<T>({ store: new FolderStore(folder), format, compress, maxBytes, clock }, partitionBy),
  };
}
