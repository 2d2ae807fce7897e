import { BusError } from "@org/bus-core";

/** The bytes of a body. @throws {BusError} when there are more than `maxBytes` */
export async function readBody(body: AsyncIterable<Uint8Array>, maxBytes: number, what: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new BusError("malformed_message", `${what} is larger than maxBytes ${maxBytes}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
