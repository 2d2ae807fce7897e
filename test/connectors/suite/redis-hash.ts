import type { Sink } from "@org/bus-connect";
import { redisHashSink } from "@org/bus-connect-redis";
import type { JsonValue } from "@org/bus-core";

interface Value {
  readonly index: number;
}

interface Settings {
  readonly url: string;
}

export function createSink(settings: JsonValue): Sink<unknown> {
  // as the harness gives it
  const { url } = settings as unknown as Settings;
  return redisHashSink<Value>({ url, key: ({ value }) => `record:${value.index}` }) as Sink<unknown>;
}

export const makeValue = (index: number): Value => ({ index });

/** To a key that holds a string. */
export const poison = (): Value => ({ index: -1 });
