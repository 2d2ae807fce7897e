import type { Source } from "@org/bus-connect";
import { redisStreamSource } from "@org/bus-connect-redis";
import type { JsonValue } from "@org/bus-core";

interface Settings {
  readonly url: string;
  readonly stream: string;
}

export function createSource(settings: JsonValue): Source<unknown> {
  // as the harness gives it
  const { url, stream } = settings as unknown as Settings;
  return redisStreamSource({ url, streams: stream, field: "data" });
}

export const idOf = (value: unknown): string => (value as { readonly id: string }).id;
