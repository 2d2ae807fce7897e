export type { KafkaOptions } from "./options.js";
export { kafka } from "./transport.js";
