import type { Answer, Arguments, RequestName } from "./requests.js";

/**
 * Requests to one broker are answered one after the other on a connection, and some are held by the broker: a fetch until there is something to read, a
 * join until the others have come. Those have connections of their own.
 */
export type Lane = "main" | "fetch" | "join";

export interface Destination {
  /** The number of a broker, or any that can be reached. */
  readonly broker: number | "any";
  /** @default "main" */
  readonly lane?: Lane;
}

/** Everything that the transport asks of a client of Kafka. A simulated cluster implements it as the real one does. */
export interface ClusterClient {
  /**
   * Sends one request once. Answers come as they are, with the error codes in them.
   *
   * @throws {ConnectionFault} when there was no answer
   * @throws {ProtocolFault} when the broker does not know the request, or does not let this client in
   */
  request<Name extends RequestName>(to: Destination, name: Name, ...args: Arguments<Name>): Promise<Answer<Name>>;
  /** Ends all connections; requests that are out reject. Idempotent. */
  close(): Promise<void>;
}

/** How long an answer may take. */
export interface ClientTimeouts {
  readonly requestTimeoutMs: number;
  readonly fetchTimeoutMs: number;
  readonly joinTimeoutMs: number;
}

/** Makes the client of one producer, consumer or admin. */
export type CreateClusterClient = (timeouts: ClientTimeouts) => ClusterClient;
