import type { Sink } from "@org/bus-connect";
import { redisStreamSink } from "@org/bus-connect-redis";
import type { JsonValue } from "@org/bus-core";

interface Settings {
  readonly url: string;
  readonly stream: string;
}

export function createSink(settings: JsonValue): Sink<unknown> {
  // as the harness gives it
  const { url, stream } = settings as unknown as Settings;
  return redisStreamSink<unknown>({ url, stream });
}

export const makeValue = (index: number): unknown => ({ index });

/** Nothing that is set. */
export const poison = (): unknown => ({ index: undefined });
