/** An entry of a stream. */
export interface RedisEntry {
  readonly stream: string;
  /** As Redis has given it: `1700000000000-0`. */
  readonly id: string;
  readonly fields: ReadonlyMap<string, Buffer>;
}
