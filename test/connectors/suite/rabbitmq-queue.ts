import type { Source } from "@org/bus-connect";
import { rabbitmqSource } from "@org/bus-connect-rabbitmq";
import type { JsonValue } from "@org/bus-core";

interface Value {
  readonly id: string;
}

interface Settings {
  readonly url: string;
  readonly queue: string;
}

export function createSource(settings: JsonValue): Source<unknown> {
  // as the harness gives it
  const { url, queue } = settings as unknown as Settings;
  return rabbitmqSource({ url, queues: queue, prefetch: 100 });
}

export const idOf = (value: unknown): string => (value as Value).id;
