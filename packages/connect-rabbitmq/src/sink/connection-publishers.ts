import type { ConnectorContext } from "@org/bus-connect";
import { openConnection, type RabbitmqConnection } from "../connection/connection.js";
import { rabbitmqError } from "../connection/errors.js";
import type { ConnectionOptions } from "../connection/options.js";
import { countBlocked } from "../telemetry/rabbitmq-instruments.js";
import { Publisher } from "./publisher.js";
import type { OpenPublisher, Publishers } from "./publishers.js";

interface Connected {
  readonly open: RabbitmqConnection;
  readonly state: BlockState;
}

/** The publishers of a writer, all on one connection, which is made when it is needed, and again when it was lost. */
export class ConnectionPublishers implements Publishers {
  readonly #options: ConnectionOptions;
  readonly #context: ConnectorContext;
  #connection: Promise<Connected> | undefined;
  #shared: Promise<OpenPublisher> | undefined;

  constructor(options: ConnectionOptions, context: ConnectorContext) {
    this.#options = options;
    this.#context = context;
  }

  async shared(): Promise<OpenPublisher> {
    const last = this.#shared;
    const current = await last?.catch(() => undefined);
    if (current !== undefined && !current.publisher.isClosed) return current;
    // of several writes that find it closed the first opens another
    if (this.#shared === last) this.#shared = this.own();
    return this.#shared ?? this.own();
  }

  async own(): Promise<OpenPublisher> {
    const { open, state } = await this.#connected();
    try {
      const publisher = new Publisher(await open.model.createConfirmChannel());
      return {
        publisher,
        get blocked() {
          return state.reason;
        },
        unblocked: () => Promise.race([state.unblocked, publisher.closed]),
      };
    } catch (cause) {
      throw rabbitmqError("RabbitMQ does not open a channel", cause);
    }
  }

  async close(): Promise<void> {
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.open.close();
  }

  #connected(): Promise<Connected> {
    if (this.#connection !== undefined) return this.#connection;
    const connection = openConnection(this.#options, this.#context).then((open): Connected => ({ open, state: new BlockState(open, this.#context) }));
    this.#connection = connection;
    const forget = (): void => {
      if (this.#connection === connection) this.#connection = undefined;
    };
    connection.then(({ open }) => open.lost).then(forget, forget);
    return connection;
  }
}

/** Whether the broker takes messages: it stops to when it runs short of memory or of disk. */
class BlockState {
  reason: string | undefined;
  unblocked: Promise<void> = Promise.resolve();

  constructor({ model, lost }: RabbitmqConnection, { logger, connector }: ConnectorContext) {
    let release = (): void => {};
    model.on("blocked", (reason: string) => {
      if (this.reason !== undefined) return;
      this.reason = reason;
      ({ promise: this.unblocked, resolve: release } = Promise.withResolvers<void>());
      countBlocked(connector, 1);
      logger.warn({ reason }, "RabbitMQ takes no messages at the moment, writing waits");
    });
    const end = (): void => {
      if (this.reason === undefined) return;
      this.reason = undefined;
      countBlocked(connector, -1);
      release();
    };
    model.on("unblocked", () => {
      end();
      logger.info({}, "RabbitMQ takes messages again");
    });
    lost.then(end, end);
  }
}
