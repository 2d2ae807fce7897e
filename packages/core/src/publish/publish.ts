/** Where a message came to lie. */
export interface PublishReceipt {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Those of one message. */
export interface PublishOptions {
  /** Headers of the caller's own, as text or bytes; those of the library win. */
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
  /** Event time, ms since the epoch. @default now */
  readonly timestamp?: number;
  /** Gives up waiting. A message that is out already may still be written: `mayHaveBeenWritten` of the error says so. */
  readonly signal?: AbortSignal;
  /** @default that of the bus */
  readonly deliveryTimeoutMs?: number;
}
