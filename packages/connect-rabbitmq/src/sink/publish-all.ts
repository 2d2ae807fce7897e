import type { WriteOutcome } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { rabbitmqError, replyCode } from "../connection/errors.js";
import type { OutgoingMessage } from "./message.js";
import type { Confirmation, Publisher } from "./publisher.js";
import type { OpenPublisher, Publishers } from "./publishers.js";

/**
 * Publishes all, and waits until the broker has said of each what became of it.
 *
 * The broker closes the channel for one message that it refuses (no such exchange, no permission, too large), and does not say which. Then those that are
 * unconfirmed go out again one by one on a channel of their own, so that it is only this one that is rejected. Of the others some may be there twice.
 */
export async function publishAll(
  messages: readonly OutgoingMessage[],
  publishers: Publishers,
  signal: AbortSignal,
): Promise<readonly WriteOutcome[]> {
  const open = await publishers.shared();
  const confirmations = await publishTogether(messages, open, signal);
  const outcome = (index: number): Confirmation => confirmations[index] ?? "unconfirmed";
  const alone = isRefusal(open.publisher)
    ? await publishOneByOne(
        messages.filter((_, index) => outcome(index) === "unconfirmed"),
        publishers,
        signal,
      )
    : [];
  const next = alone.values();
  return messages.map((message, index) => {
    const confirmation = outcome(index);
    return confirmation === "unconfirmed" ? (next.next().value ?? unconfirmed(message, open, signal)) : confirmation;
  });
}

async function publishOneByOne(messages: readonly OutgoingMessage[], publishers: Publishers, signal: AbortSignal): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = [];
  let open = await publishers.own();
  try {
    for (const message of messages) {
      if (isRefusal(open.publisher)) open = await publishers.own();
      const [confirmation = "unconfirmed"] = await publishTogether([message], open, signal);
      if (confirmation !== "unconfirmed") outcomes.push(confirmation);
      else if (isRefusal(open.publisher)) outcomes.push(refused(message, open.publisher));
      else outcomes.push(unconfirmed(message, open, signal));
    }
  } finally {
    open.publisher.close();
  }
  return outcomes;
}

async function publishTogether(messages: readonly OutgoingMessage[], open: OpenPublisher, signal: AbortSignal): Promise<readonly Confirmation[]> {
  const aborted = whenAborted(signal);
  const confirmations: Promise<Confirmation>[] = [];
  for (const message of messages) {
    // a broker that is short of memory or disk takes nothing; what it has not read yet stays unconfirmed
    if (open.blocked !== undefined) await Promise.race([open.unblocked(), aborted.promise]);
    if (signal.aborted || open.publisher.isClosed) break;
    const { hasRoom, confirmation } = open.publisher.publish(message);
    confirmations.push(Promise.race([confirmation, aborted.promise]));
    if (!hasRoom) await Promise.race([open.publisher.room(), aborted.promise]);
  }
  const settled = await Promise.all(confirmations);
  aborted.forget();
  return settled;
}

/** Whether the broker has closed the channel for what was published on it. */
const isRefusal = ({ failure }: Publisher): boolean => [403, 404, 406].includes(replyCode(failure) ?? 0);

const refused = ({ properties }: OutgoingMessage, { failure }: Publisher): WriteOutcome => ({
  status: "rejected",
  error: rabbitmqError(`the broker refuses message ${properties.messageId}`, failure),
});

function unconfirmed({ properties }: OutgoingMessage, { blocked, publisher }: OpenPublisher, signal: AbortSignal): WriteOutcome {
  const id = properties.messageId;
  if (signal.aborted && !publisher.isClosed) {
    const why = blocked === undefined ? "" : `, it takes nothing now: ${blocked}`;
    return { status: "retriable", error: new BusError("timed_out", `the broker has not confirmed message ${id} in time${why}`, { retryable: true }) };
  }
  const cause = publisher.failure;
  const text = `the connection ended before the broker had confirmed message ${id}`;
  return { status: "retriable", error: new BusError("transport_failed", text, { retryable: true, mayHaveBeenWritten: true, cause }) };
}

function whenAborted(signal: AbortSignal): { readonly promise: Promise<"unconfirmed">; forget(): void } {
  const { promise, resolve } = Promise.withResolvers<"unconfirmed">();
  const onAbort = (): void => resolve("unconfirmed");
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return { promise, forget: () => signal.removeEventListener("abort", onAbort) };
}
