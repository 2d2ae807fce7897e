import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";

const loopbackHosts = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;

/**
 * Who may ask. With a token: who has it. Without: programs of this machine, and no page that a browser shows, wherever it came from.
 *
 * @returns a hook of fastify
 */
export function guard(token: string | undefined) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (token !== undefined) {
      if (!isToken(request.headers.authorization, token)) {
        await reply.code(401).header("www-authenticate", "Bearer").send({ error: "a bearer token is needed: Authorization: Bearer TOKEN" });
      }
      return;
    }
    if (request.headers.origin !== undefined || !loopbackHosts.test(request.headers.host ?? "")) {
      await reply.code(403).send({ error: "without a token only programs of this machine may ask; set BUS_ADMIN_TOKEN" });
    }
  };
}

/** Takes as long for any token, also for one of another length. */
function isToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(.*)$/i.exec(authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(token));
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
