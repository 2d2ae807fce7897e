/** What a client of replication tells the server: all before `flushed` is done with, and may be forgotten. */
export function standbyStatus(flushed: bigint, asksForReply: boolean): Buffer {
  const message = Buffer.alloc(34);
  message[0] = 0x72;
  // written, flushed and applied are one here
  for (const offset of [1, 9, 17]) message.writeBigUInt64BE(flushed, offset);
  message.writeBigInt64BE(BigInt(Date.now() - EPOCH_MS) * 1000n, 25);
  message[33] = asksForReply ? 1 : 0;
  return message;
}

/** Times of the protocol count from 2000-01-01. */
export const EPOCH_MS = Date.UTC(2000, 0, 1);
