import { once } from "node:events";
import type { ConnectorContext } from "@org/bus-connect";
import { sleep } from "@org/bus-core/internal";
import { type FastifyInstance, type FastifyReply, fastify } from "fastify";
import type { ResolvedWebhookSourceOptions } from "./options.js";
import { Refusal, receive } from "./receive.js";
import { RememberedKeys } from "./remembered-keys.js";
import type { WaitingRequests } from "./waiting-requests.js";

/** A server at work. */
export interface WebhookServer {
  readonly server: FastifyInstance;
  /** Resolves when all that has been taken by now is answered. */
  answered(): Promise<unknown>;
}

/** A server that answers when the sink has what came. */
export function webhookServer<T>(options: ResolvedWebhookSourceOptions, waiting: WaitingRequests<T>, context: ConnectorContext): WebhookServer {
  const { clock, logger } = context;
  const unanswered = new Set<Promise<unknown>>();
  const keys = new RememberedKeys(options.rememberMs, options.rememberKeys);
  const server = fastify({
    bodyLimit: options.maxBytes,
    requestTimeout: options.receiveWithinMs,
    connectionTimeout: options.receiveWithinMs + options.answerWithinMs,
    // whoever keeps a connection open must not keep the server from closing
    forceCloseConnections: true,
  });
  // the signature is of the bytes
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("*", { parseAs: "buffer" }, (_, body, done) => done(null, body));

  const later = (reply: FastifyReply) => reply.code(503).header("retry-after", options.retryAfterSeconds).send({ error: "come again later" });

  server.post(options.path, async (request, reply) => {
    const { record, key } = receive<T>(request, options, clock.now());
    if (key !== undefined && keys.has(key, clock.now())) return reply.code(200).send({ id: key, duplicate: true });
    const earlier = key === undefined ? undefined : keys.underWay(key);
    const outcome = earlier ?? waiting.add(record);
    if (outcome === undefined) return later(reply);
    const closed = once(reply.raw, "close").finally(() => unanswered.delete(closed));
    unanswered.add(closed);
    if (key !== undefined && earlier === undefined) keys.begin(key, outcome, () => clock.now());
    const answered = new AbortController();
    const tooLate = sleep(clock, options.answerWithinMs, answered.signal).then(() => false);
    const isWritten = await Promise.race([outcome, tooLate]);
    answered.abort();
    return isWritten ? reply.code(earlier === undefined ? 202 : 200).send({ id: record.id, duplicate: earlier !== undefined }) : later(reply);
  });

  server.setErrorHandler((error, _, reply) => {
    if (error instanceof Refusal) {
      // of what was sent nothing is logged
      logger.warn({ status: error.status }, `a webhook was refused: ${error.message}`);
      return reply.code(error.status).send({ error: error.message, violations: error.violations });
    }
    const status = error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 500;
    if (status >= 500) logger.error({ error }, "a webhook could not be taken");
    return reply.code(status).send({ error: status >= 500 ? "internal error" : (error as Error).message });
  });
  return { server, answered: () => Promise.all(unanswered) };
}
