/** What is known of a message beside its content. */
export interface RabbitmqMessage {
  readonly queue: string;
  readonly exchange: string;
  readonly routingKey: string;
  /** Its AMQP headers as they came. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** As its publisher gave it. */
  readonly messageId: string | undefined;
  /** Whether the broker has handed it out before, to whomever. */
  readonly redelivered: boolean;
}
