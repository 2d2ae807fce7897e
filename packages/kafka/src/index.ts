export type { KafkaOptions } from "./options/options.js";
export { kafka } from "./transport.js";
