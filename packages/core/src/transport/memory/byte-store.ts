const blockBytes = 16_384;

/** Keeps copies of small byte arrays in shared blocks: a buffer for each would cost more than everything else that a log does. */
export class ByteStore {
  #block = new ArrayBuffer(0);
  #used = 0;

  /** A copy that later changes of `bytes` do not reach. */
  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    let copy: Uint8Array;
    if (length > blockBytes / 8) {
      copy = new Uint8Array(length);
    } else {
      if (this.#used + length > this.#block.byteLength) {
        this.#block = new ArrayBuffer(blockBytes);
        this.#used = 0;
      }
      copy = new Uint8Array(this.#block, this.#used, length);
      this.#used += length;
    }
    copy.set(bytes);
    return copy;
  }
}
