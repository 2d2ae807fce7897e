import { BusError } from "@org/bus-core";

/** The chunks of a body. Each has to come in `limitMs` from when it is asked for: a reader that is held back by a slow sink may take its time. */
export async function* chunksInTime(body: AsyncIterable<Uint8Array>, key: string, limitMs: number): AsyncIterable<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => {
        reject(new BusError("transport_failed", `nothing more of ${key} has come within ${limitMs} ms`, { retryable: true }));
      }, limitMs);
      const chunk = await Promise.race([chunks.next(), late]).finally(() => clearTimeout(timer));
      if (chunk.done === true) return;
      yield chunk.value;
    }
  } finally {
    // ends the request; of one that is silent the end is not waited for
    chunks.return?.().catch(() => {});
  }
}
