import { type WriteOutcome, written } from "@org/bus-connect";
import { BusError } from "@org/bus-core";
import { type ConfirmChannel, IllegalOperationError, type Message } from "amqplib";
import type { OutgoingMessage } from "./message.js";

/** What became of a message: an outcome, or that the channel was closed before the broker had said it. */
export type Confirmation = WriteOutcome | "unconfirmed";

/** A channel on which the broker confirms every message, in whatever order. */
export class Publisher {
  readonly #channel: ConfirmChannel;
  /** What the broker has given back, and why; it says so before it confirms the message. */
  readonly #returned = new Map<string, string[]>();
  #failure: unknown;
  #isClosed = false;
  /** Resolves when the channel is closed, whoever did it. */
  readonly closed: Promise<void>;

  constructor(channel: ConfirmChannel) {
    this.#channel = channel;
    // an error without a listener would end the process; the channel is closed after it
    channel.on("error", (error: unknown) => {
      this.#failure ??= error;
    });
    channel.on("return", (message: Message) => this.#onReturn(message));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    channel.once("close", () => {
      this.#isClosed = true;
      resolve();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Why the broker has closed the channel; undefined where it was the connection that ended. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Resolves when there is room for more, or the channel is closed. */
  async room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#channel.once("drain", resolve);
    await Promise.race([promise, this.closed]);
    this.#channel.off("drain", resolve);
  }

  /** Publishes. `hasRoom` says whether more should follow before `room` has resolved. */
  publish(message: OutgoingMessage): { readonly hasRoom: boolean; readonly confirmation: Promise<Confirmation> } {
    const { promise, resolve } = Promise.withResolvers<Confirmation>();
    try {
      const { exchange, routingKey, content, properties } = message;
      const hasRoom = this.#channel.publish(exchange, routingKey, content, properties, (error: unknown) => resolve(this.#outcome(message, error)));
      return { hasRoom, confirmation: promise };
    } catch (cause) {
      resolve(cause instanceof IllegalOperationError ? "unconfirmed" : unsendable(message, cause));
      return { hasRoom: true, confirmation: promise };
    }
  }

  /** Does not wait for what is unconfirmed. Idempotent. */
  close(): void {
    // of one that is closed already, or whose connection is, there is nothing to close
    if (!this.#isClosed) this.#channel.close().catch(() => {});
  }

  #onReturn({ fields, properties }: Message): void {
    // the types of the client leave out what says why
    const { replyCode, replyText } = fields as typeof fields & { readonly replyCode?: number; readonly replyText?: string };
    const identity = identityOf(fields.exchange, fields.routingKey, properties.messageId);
    this.#returned.set(identity, [...(this.#returned.get(identity) ?? []), `${replyCode} ${replyText}`]);
  }

  #outcome({ exchange, routingKey, properties }: OutgoingMessage, error: unknown): Confirmation {
    if (this.#isClosed || (error !== null && error !== undefined && !isNack(error))) return "unconfirmed";
    const where = `message ${properties.messageId} to exchange "${exchange}" with routing key "${routingKey}"`;
    if (error) {
      const text = `the broker has not taken ${where}: a queue is full, or has failed`;
      return { status: "retriable", error: new BusError("publish_failed", text, { retryable: true }) };
    }
    const identity = identityOf(exchange, routingKey, properties.messageId);
    const [reason, ...others] = this.#returned.get(identity) ?? [];
    if (reason === undefined) return written;
    if (others.length > 0) this.#returned.set(identity, others);
    else this.#returned.delete(identity);
    const text = `no queue gets ${where} (${reason}): bind one, or set mandatory to false where it may be dropped`;
    return { status: "rejected", error: new BusError("publish_failed", text) };
  }
}

const isNack = (error: unknown): boolean => error instanceof Error && error.message === "message nacked";

const identityOf = (exchange: string, routingKey: string, messageId: unknown): string => JSON.stringify([exchange, routingKey, messageId]);

function unsendable({ properties }: OutgoingMessage, cause: unknown): WriteOutcome {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return { status: "rejected", error: new BusError("publish_failed", `message ${properties.messageId} cannot be sent: ${reason}`, { cause }) };
}
