import type { ConnectRecord } from "@org/bus-connect";

/** Makes the bytes of one part, record by record. */
export interface PartEncoder {
  /**
   * The bytes that are due now; none where the format gathers records.
   *
   * @throws what is wrong with the record, of which nothing is in the part then
   */
  add(record: ConnectRecord<unknown>): Uint8Array | undefined;
  /** The bytes that end the part. */
  end(): Uint8Array | undefined;
}

/** What parts of a format are like. */
export interface PartFormat {
  /** With the dot. */
  readonly extension: string;
  create(): PartEncoder;
}
