import type { Sink } from "@org/bus-connect";
import { rabbitmqSink } from "@org/bus-connect-rabbitmq";
import type { JsonValue } from "@org/bus-core";

interface Value {
  readonly index: number;
  readonly route?: string;
}

interface Settings {
  readonly url: string;
  readonly queue: string;
}

export function createSink(settings: JsonValue): Sink<unknown> {
  // as the harness gives it
  const { url, queue } = settings as unknown as Settings;
  return rabbitmqSink<Value>({ url, routingKey: ({ value }) => value.route ?? queue }) as Sink<unknown>;
}

export const makeValue = (index: number): Value => ({ index });

/** To a queue that is not there. */
export const poison = (): Value => ({ index: -1, route: "nowhere" });
