import type { WriteOutcome } from "@org/bus-connect";
import { BusError, type BusErrorCode } from "@org/bus-core";
import { messageOf } from "@org/bus-core/internal";
import { ErrorReply } from "@redis/client";

/** First words of replies that may be over at the next try: Redis is full, starting, failing over, busy, or does not replicate. */
const PASSING = new Set([
  "OOM",
  "LOADING",
  "READONLY",
  "CLUSTERDOWN",
  "MASTERDOWN",
  "TRYAGAIN",
  "MOVED",
  "ASK",
  "BUSY",
  "MISCONF",
  "NOREPLICAS",
  "UNBLOCKED",
]);

const MEANINGS: Readonly<Record<string, { readonly code: BusErrorCode; readonly remedy: string }>> = {
  NOAUTH: { code: "not_authenticated", remedy: ", give a user and a password" },
  WRONGPASS: { code: "not_authenticated", remedy: ", check user and password" },
  NOPERM: { code: "not_authorized", remedy: ", check the permissions of the user (ACL GETUSER)" },
};

/** The first word of what Redis has answered: `WRONGTYPE`; undefined for what is no answer of it. */
export function replyWord(error: unknown): string | undefined {
  if (!(error instanceof ErrorReply)) return undefined;
  // Redis 6 wraps what failed in a script
  const [, inScript] = /^ERR Error running script.*?[ -]([A-Z]{3,})\b (?!running)/.exec(error.message) ?? [];
  return inScript ?? /^[A-Z]+/.exec(error.message)?.[0];
}

/** An error of the client, as the framework understands it: whether another try may do. */
export function redisError(what: string, cause: unknown): BusError {
  if (cause instanceof BusError) return cause;
  const word = replyWord(cause);
  const meaning = MEANINGS[word ?? ""];
  // what is no answer is the network's: it may be back in a moment
  const retryable = !(cause instanceof ErrorReply) || PASSING.has(word ?? "");
  return new BusError(meaning?.code ?? "transport_failed", `${what}: ${messageOf(cause)}${meaning?.remedy ?? ""}`, { cause, retryable });
}

/** What becomes of a record whose write failed so. */
export function failedOutcome(what: string, cause: unknown): WriteOutcome {
  const error = redisError(what, cause);
  // what this user may not do it may when that is put right; the record is not to blame
  const isRetriable = error.retryable || error.code === "not_authenticated" || error.code === "not_authorized";
  return { status: isRetriable ? "retriable" : "rejected", error };
}
