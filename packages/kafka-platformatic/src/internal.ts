/** What tests of this repository build on. Not for users: it changes without notice. */
export type { ClientTimeouts, ClusterClient, CreateClusterClient, Destination, Lane } from "./client/cluster-client.js";
export { ConnectionFault, ProtocolFault } from "./client/faults.js";
export type { Answer, Arguments, RequestName } from "./client/requests.js";
export { createKafkaTransport } from "./kafka.js";
export type { Surroundings } from "./transport.js";
