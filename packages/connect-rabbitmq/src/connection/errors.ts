import { BusError, type BusErrorCode } from "@org/bus-core";

interface Meaning {
  readonly code: BusErrorCode;
  readonly retryable: boolean;
  readonly remedy: string;
}

/** Reply codes of AMQP 0-9-1 that say what is wrong; others may be over at the next try. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  403: { code: "not_authorized", retryable: false, remedy: "check user, password and permissions of the virtual host" },
  404: { code: "transport_failed", retryable: true, remedy: "create it, or let the connector declare it" },
  405: { code: "transport_failed", retryable: true, remedy: "another connection has it for itself" },
  406: { code: "topic_conflict", retryable: false, remedy: "what is asked for does not fit what is there" },
  530: { code: "not_authorized", retryable: false, remedy: "check the virtual host at the end of the url" },
};

/** The reply code with which the broker has closed a channel or a connection; undefined for what has another cause. */
export function replyCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "number") return error.code;
  // what the broker says before the connection is open has no code of its own
  const [, code] = /server: (\d{3}) \(/.exec(error.message) ?? [];
  return code === undefined ? undefined : Number(code);
}

/** What the client makes of a broker that closes the connection instead of opening the virtual host; the broker's reason is lost there. */
const NO_VIRTUAL_HOST = "Expected ConnectionOpenOk; got <ConnectionClose";

/** An error of the client, as the framework understands it: whether another try may do. */
export function rabbitmqError(what: string, cause: unknown): BusError {
  if (cause instanceof BusError) return cause;
  const meaning = MEANINGS[replyCode(cause) ?? 0];
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (reason.includes(NO_VIRTUAL_HOST)) {
    const text = `${what}: the virtual host at the end of the url does not exist, is down, or is closed to this user`;
    // one that is down comes back
    return new BusError("not_authorized", text, { cause, retryable: true });
  }
  const remedy = meaning === undefined ? "" : `: ${meaning.remedy}`;
  return new BusError(meaning?.code ?? "transport_failed", `${what}: ${reason}${remedy}`, { cause, retryable: meaning?.retryable ?? true });
}
