/** What a decoder takes in at most; what goes beyond is refused as `malformed_message`. */
export interface DecodeLimits {
  /**
   * How deep messages may be nested in each other, entries of maps and groups included.
   *
   * @default 100, as in C++ and Java
   */
  readonly maxDepth?: number;
  /**
   * Bytes of a message.
   *
   * @default 67108864 (64 MiB), the limit that C++ and Java began with
   */
  readonly maxBytes?: number;
}

/** Messages may nest this deep; decoders of other languages refuse what is deeper. */
export const defaultMaxDepth = 100;

export const defaultMaxBytes = 64 * 1024 * 1024;
