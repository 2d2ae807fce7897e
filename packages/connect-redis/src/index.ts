export {
  type RedisHashSinkOptions,
  type RedisKeySinkOptions,
  type RedisStreamSinkOptions,
  redisHashSinkOptions,
  redisKeySinkOptions,
  redisStreamSinkOptions,
} from "./sink/options.js";
export { redisHashSink } from "./sink/redis-hash-sink.js";
export { redisKeySink } from "./sink/redis-key-sink.js";
export { redisStreamSink } from "./sink/redis-stream-sink.js";
export type { RedisEntry } from "./source/entry.js";
export { type RedisStreamSourceOptions, redisStreamSourceOptions } from "./source/options.js";
export { redisStreamSource } from "./source/redis-stream-source.js";
