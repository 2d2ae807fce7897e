import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
// Node sees only some names of this CommonJS package, and the default export has all of them
import kafkajs from "kafkajs";

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Teaches kafkajs zstd, which it knows by number only. Snappy and LZ4 stay unknown to it. */
export function registerZstd(): void {
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
    compress: (encoder: { readonly buffer: Buffer }) => compress(encoder.buffer),
    decompress: (buffer: Buffer) => decompress(buffer),
  });
}
