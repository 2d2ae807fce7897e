/** What a reader reads: a file, or an object in a store. It does not change while it is read; who opens it makes sure of that. */
export interface Input {
  /** For the ids of records and for messages: `2001/flights.csv`. */
  readonly name: string;
  readonly bytes: number;
  /** The bytes from `start` to the end, in pieces of the system's choice. Returning the iterator lets go of them. */
  stream(start: number): AsyncIterable<Uint8Array>;
  /** The bytes from `start` to before `end`. */
  slice(start: number, end: number): Promise<ArrayBuffer>;
}
