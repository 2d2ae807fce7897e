import { type ConnectorContext, revealUrl, shownUrl, tlsSettings } from "@org/bus-connect";
import { type Channel, type ChannelModel, connect, type SocketOptions } from "amqplib";
import { rabbitmqError } from "./errors.js";
import type { ConnectionOptions } from "./options.js";

/** A connection whose end can be awaited. It is never made again by itself: the framework restarts what needs it. */
export interface RabbitmqConnection {
  readonly model: ChannelModel;
  /** Resolves, with what the broker or the network said, when it is gone; with undefined after `close`. */
  readonly lost: Promise<unknown>;
  /** Sends what is under way on `channel`, and waits for the answers of the broker, 2 s at most. Idempotent. */
  close(channel?: Channel): Promise<void>;
}

const CLOSE_TIMEOUT_MS = 2_000;
const DEFAULT_HEARTBEAT_S = 15;

/**
 * Connects. The broker shows the connector's name.
 *
 * @throws {BusError} `transport_failed`, `not_authorized`; `invalid_options` when a secret is not there
 */
export async function openConnection(options: ConnectionOptions, context: ConnectorContext): Promise<RabbitmqConnection> {
  const url = revealUrl(options.url);
  const { tls, connectTimeoutMs: timeout } = options;
  const socketOptions: SocketOptions = {
    timeout,
    noDelay: true,
    clientProperties: { connection_name: context.connector },
    ...(tls !== undefined && tlsSettings(tls)),
  };
  const model = await connect(withHeartbeat(url), socketOptions).catch((cause: unknown) => {
    throw rabbitmqError(`RabbitMQ at ${shownUrl(url)} does not take the connection`, cause);
  });
  return watch(model);
}

function watch(model: ChannelModel): RabbitmqConnection {
  let failure: unknown;
  let isLost = false;
  // an error without a listener would end the process; `close` follows it
  model.on("error", (error) => {
    failure ??= error;
  });
  const lost = new Promise<unknown>((resolve) => {
    model.once("close", (error?: Error) => {
      isLost = true;
      resolve(failure ?? error);
    });
  });
  let closing: Promise<void> | undefined;
  const close = async (channel?: Channel): Promise<void> => {
    if (isLost) return;
    // a broker that has stopped reading does not answer
    const timer = Promise.withResolvers<void>();
    const timeout = setTimeout(timer.resolve, CLOSE_TIMEOUT_MS);
    const end = async (): Promise<void> => {
      // the end of a connection overtakes what its channels have not sent yet: acknowledgements
      await channel?.close().catch(() => {});
      await model.close().catch(() => {});
    };
    await Promise.race([end(), timer.promise]);
    clearTimeout(timeout);
  };
  return { model, lost, close: (channel) => (closing ??= close(channel)) };
}

/** What the broker proposes is a minute, after two of which a network that has silently gone is noticed. */
function withHeartbeat(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || parsed.searchParams.has("heartbeat")) return url;
  parsed.searchParams.set("heartbeat", String(DEFAULT_HEARTBEAT_S));
  return parsed.href;
}
