// A collector that counts spans and throws them away, in a process of its own: `node collector.js` prints its address; `end` on its input ends it, with the count.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

let spans = 0;

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    if (request.url === "/v1/traces") spans += countSpans(Buffer.concat(chunks));
    response.end();
  });
});
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.stdin.on("data", () => console.log(JSON.stringify({ spans })));
process.stdin.on("close", () => process.exit());

/** Spans of an `ExportTraceServiceRequest`: fields 2 of the fields 2 of the fields 1. */
function countSpans(request: Buffer): number {
  let count = 0;
  for (const resourceSpans of fields(request, 1)) for (const scopeSpans of fields(resourceSpans, 2)) count += fields(scopeSpans, 2).length;
  return count;
}

/** The fields of a message with this number; all of these messages have fields with a length only. */
function fields(message: Buffer, wanted: number): Buffer[] {
  const found: Buffer[] = [];
  let pos = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = message[pos++] ?? 0;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (pos < message.length) {
    const number = varint() >>> 3;
    const length = varint();
    if (number === wanted) found.push(message.subarray(pos, pos + length));
    pos += length;
  }
  return found;
}
