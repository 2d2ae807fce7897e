import { BusError, type BusErrorCode } from "@org/bus-core";
import { certificateFault, saidByClient } from "@org/bus-core/internal";

/** What kafkajs threw at the bottom: it wraps what it gives up on. */
export function rootCause(error: unknown): unknown {
  // of several, the first
  if (error instanceof Error && "errors" in error && Array.isArray(error.errors)) return rootCause(error.errors[0]);
  return error instanceof Error && error.cause instanceof Error && !(error instanceof BusError) ? rootCause(error.cause) : error;
}

/** The name that the protocol gives an error: `TOPIC_AUTHORIZATION_FAILED`; "" for errors that are none of the protocol's. */
export function protocolError(error: unknown): string {
  const root = rootCause(error);
  return root instanceof Error && "type" in root && typeof root.type === "string" ? root.type : "";
}

/** kafkajs calls them final: it gives up, while a broker may be back in a moment. */
const PASSING = ["KafkaJSGroupCoordinatorNotFound"];

export function isRetriable(error: unknown): boolean {
  const root = rootCause(error);
  return root instanceof Error && (("retriable" in root && root.retriable === true) || PASSING.includes(root.name));
}

const NOT_AUTHENTICATED = ["SASL_AUTHENTICATION_FAILED", "UNSUPPORTED_SASL_MECHANISM", "ILLEGAL_SASL_STATE", "SECURITY_DISABLED"];
/** Of a record alone, after its batch has been split. */
export const TOO_LARGE = ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"];

function codeOf(root: unknown): BusErrorCode {
  const type = protocolError(root);
  if (type.endsWith("AUTHORIZATION_FAILED")) return "not_authorized";
  if (NOT_AUTHENTICATED.includes(type)) return "not_authenticated";
  if (type === "UNKNOWN_TOPIC_OR_PARTITION") return "unknown_topic";
  if (TOO_LARGE.includes(type)) return "record_too_large";
  if (certificateFault(root) !== undefined) return "not_authenticated";
  if (!(root instanceof Error)) return "transport_failed";
  if (root.name.startsWith("KafkaJSSASL")) return "not_authenticated";
  return root.name === "KafkaJSNotImplemented" || type === "UNSUPPORTED_VERSION" ? "unsupported" : "transport_failed";
}

/** What was tried: `write to topic orders`, as `principal`. */
export interface Attempt {
  readonly operation: string;
  readonly principal: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The BusError for what kafkajs threw. */
export function toBusError(error: unknown, attempt: Attempt): BusError {
  const root = rootCause(error);
  if (root instanceof BusError) return root;
  const { operation, principal, details = {} } = attempt;
  const code = codeOf(root);
  const said = saidByClient(root);
  const certificate = certificateFault(root);
  const messages: Partial<Record<BusErrorCode, string>> = {
    not_authorized: `${principal} may not ${operation}: ${said}; grant it with an ACL of the cluster`,
    not_authenticated: certificate === undefined ? `the cluster refused ${principal}: ${said}` : `cannot ${operation}: ${certificate}`,
    unknown_topic: `cannot ${operation}: the topic or partition does not exist on the cluster; create it with bus.topics.ensure([...contracts])`,
  };
  const message = messages[code] ?? `cannot ${operation}: ${said}`;
  return new BusError(code, message, { cause: error, retryable: code === "transport_failed" && isRetriable(root), details });
}
