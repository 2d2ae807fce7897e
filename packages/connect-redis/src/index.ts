export type { RedisEntry } from "./source/entry.js";
export { type RedisStreamSourceOptions, redisStreamSourceOptions } from "./source/options.js";
export { redisStreamSource } from "./source/redis-stream-source.js";
