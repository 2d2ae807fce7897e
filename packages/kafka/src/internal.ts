/** What tests of this repository build on. Not for users: it changes without notice. */
export type { CreateClient } from "./client/client.js";
export type { Surroundings } from "./client/connection.js";
export { createKafkaTransport } from "./transport.js";
