import type { Source, SourceBatch, SourceContext } from "@org/bus-connect";
import { resolveOptions, sleep } from "@org/bus-core/internal";
import { checkPort } from "./check-port.js";
import { type WebhookSourceOptions, webhookSourceOptions } from "./options.js";
import { WaitingRequests } from "./waiting-requests.js";

/** Requests that go to the sink together. */
const maxBatch = 100;
/** How long what is under way may keep a source from ending; the framework gives it back before. */
const longestGoodbyeMs = 10_000;

/**
 * Receives webhooks: JSON that is posted, a record each. A caller gets 202 only when the sink has acknowledged its record, and 503 with `Retry-After` when it
 * has not, so that what it was told is taken is never lost. A key that comes again is answered with 200 and not written again; that is kept in memory, so after
 * a restart a repeat is written once more, with the same record id.
 *
 * @typeParam T what `schema` makes of a body; without a schema what the caller knows of its senders
 * @throws {BusError} `invalid_options`
 */
export function webhookSource<T = unknown>(options: WebhookSourceOptions): Source<T> {
  const resolved = resolveOptions("webhookSource", webhookSourceOptions, options);
  return {
    name: "webhook",
    replayable: false,
    async check() {
      for (const secret of resolved.signature?.secret ?? []) secret.reveal();
      await checkPort(resolved);
    },
    async *read(context: SourceContext): AsyncIterable<SourceBatch<T>> {
      // who only posts or polls need not load a server
      const { webhookServer } = await import("./webhook-server.js");
      const waiting = new WaitingRequests<T>(resolved.maxWaiting);
      const { server, answered } = webhookServer(resolved, waiting, context);
      try {
        const address = await server.listen({ port: resolved.port, host: resolved.host });
        if (context.readOnly) context.logger.warn({ address }, "a dry run takes webhooks and answers 503, so that they are sent again");
        else context.logger.info({ address }, "webhooks are received");
        for (;;) {
          const requests = await waiting.take(maxBatch, context.signal);
          if (requests.length === 0) return;
          const settle = (isWritten: boolean) => {
            for (const request of requests) request.settle(isWritten);
          };
          yield { records: requests.map(({ record }) => record), acknowledge: () => settle(true), release: () => settle(false) };
        }
      } finally {
        waiting.close();
        // what is under way is answered when the sink is done with it, or the framework has given it back
        const isOver = new AbortController();
        await Promise.race([answered(), sleep(context.clock, longestGoodbyeMs, isOver.signal)]);
        isOver.abort();
        await server.close();
      }
    },
  };
}
