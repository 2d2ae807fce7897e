const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** MurmurHash2, 32 bits, with the seed of Kafka's Java client; a signed integer, as there. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  const wordEnd = length & ~3;
  let hash = SEED ^ length;
  for (let i = 0; i < wordEnd; i += 4) {
    // within the bounds of the loop all four bytes exist
    let word = (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24);
    word = Math.imul(word, MULTIPLIER);
    word = Math.imul(word ^ (word >>> 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  const rest = length & 3;
  if (rest > 0) {
    if (rest === 3) hash ^= (bytes[wordEnd + 2] as number) << 16;
    if (rest >= 2) hash ^= (bytes[wordEnd + 1] as number) << 8;
    hash = Math.imul(hash ^ (bytes[wordEnd] as number), MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}
