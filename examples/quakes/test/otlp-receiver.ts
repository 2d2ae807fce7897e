import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

interface OtlpTraces {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[];
  }[];
}

export interface OtlpReceiver extends AsyncDisposable {
  readonly url: string;
  /** How many spans have come in, by name. */
  readonly spans: ReadonlyMap<string, number>;
}

/** Takes what comes over OTLP (http/json), and counts the spans. */
export async function receiveOtlp(): Promise<OtlpReceiver> {
  const spans = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const traces: OtlpTraces = JSON.parse(String(request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body));
      // metrics have none
      for (const { name } of (traces.resourceSpans ?? []).flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))) {
        spans.set(name, (spans.get(name) ?? 0) + 1);
      }
      response.setHeader("content-type", "application/json").end("{}");
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  // a server on a TCP port has an AddressInfo
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
