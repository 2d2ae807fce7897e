import type { ConnectRecord, SourceBatch, UnreadableRecord } from "@org/bus-connect";

/** Rows that were read, with those that could not be beside them. */
export function splitReadable<T>(rows: readonly (ConnectRecord<T> | UnreadableRecord)[]): Pick<SourceBatch<T>, "records" | "unreadable"> {
  const records: ConnectRecord<T>[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const row of rows) {
    if ("error" in row) unreadable.push(row);
    else records.push(row);
  }
  return unreadable.length === 0 ? { records } : { records, unreadable };
}
