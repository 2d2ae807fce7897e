import { BusError, type BusErrorCode } from "@org/bus-core";
import { certificateFault, saidByClient } from "@org/bus-core/internal";
import { protocolErrors, protocolErrorsCodesById } from "@platformatic/kafka";

/** A request was not answered. */
export class ConnectionFault extends Error {
  override readonly name = "ConnectionFault";
  /** Whether the broker may have received the request. */
  readonly sent: boolean;

  constructor(message: string, options: { readonly sent: boolean; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.sent = options.sent;
  }
}

/** What a broker answered instead of what was asked for. */
export class ProtocolFault extends Error {
  override readonly name = "ProtocolFault";

  constructor(
    /** As the protocol names it: `TOPIC_AUTHORIZATION_FAILED`. */
    readonly type: string,
    /** Whether the same request may succeed later. */
    readonly retriable: boolean,
    message: string,
  ) {
    super(message);
  }
}

// the tables are by name, and the client does not say which names there are
const known: Readonly<Record<string, { readonly canRetry: boolean; readonly message: string } | undefined>> = protocolErrors;
const names: Readonly<Record<number, string | undefined>> = protocolErrorsCodesById;

/** The fault of an error code; undefined for 0. `said` is what the broker says about it. */
export function faultOf(code: number, said?: string | null): ProtocolFault | undefined {
  if (code === 0) return undefined;
  const type = names[code] ?? `UNKNOWN_ERROR_${code}`;
  const entry = known[type];
  return new ProtocolFault(type, entry?.canRetry ?? false, said || (entry?.message ?? `error code ${code}`));
}

/** @throws {ProtocolFault} for any code but 0 */
export function check(code: number, said?: string | null): void {
  const fault = faultOf(code, said);
  if (fault !== undefined) throw fault;
}

/** The name that the protocol gives an error; "" for errors that are none of the protocol's. */
export function faultType(error: unknown): string {
  const fault = error instanceof BusError ? error.cause : error;
  return fault instanceof ProtocolFault ? fault.type : "";
}

/** Whether the same call may succeed later, without a change. */
export function mayPass(error: unknown): boolean {
  if (error instanceof BusError) return error.retryable;
  return (error instanceof ConnectionFault && certificateFault(error) === undefined) || (error instanceof ProtocolFault && error.retriable);
}

const NOT_AUTHENTICATED = ["SASL_AUTHENTICATION_FAILED", "UNSUPPORTED_SASL_MECHANISM", "ILLEGAL_SASL_STATE", "SECURITY_DISABLED"];
const UNKNOWN_TOPIC = ["UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID"];
const UNSUPPORTED = ["UNSUPPORTED_VERSION", "UNSUPPORTED_COMPRESSION_TYPE", "UNSUPPORTED_ASSIGNOR"];
/** Of a record alone, after its batch has been split. */
export const TOO_LARGE = ["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"];

function codeOf(type: string): BusErrorCode {
  if (type.endsWith("AUTHORIZATION_FAILED")) return "not_authorized";
  if (NOT_AUTHENTICATED.includes(type)) return "not_authenticated";
  if (UNKNOWN_TOPIC.includes(type)) return "unknown_topic";
  if (TOO_LARGE.includes(type)) return "record_too_large";
  return UNSUPPORTED.includes(type) ? "unsupported" : "transport_failed";
}

/** What was tried: `write to topic orders`, as `principal`. */
export interface Attempt {
  readonly operation: string;
  readonly principal: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The BusError for what was thrown. */
export function toBusError(error: unknown, attempt: Attempt): BusError {
  if (error instanceof BusError) return error;
  const { operation, principal, details = {} } = attempt;
  const certificate = certificateFault(error);
  const code = certificate === undefined ? codeOf(faultType(error)) : "not_authenticated";
  const said = saidByClient(error);
  const messages: Partial<Record<BusErrorCode, string>> = {
    not_authorized: `${principal} may not ${operation}: ${said}; grant it with an ACL of the cluster`,
    not_authenticated: certificate === undefined ? `the cluster refused ${principal}: ${said}` : `cannot ${operation}: ${certificate}`,
    unknown_topic: `cannot ${operation}: the topic or partition does not exist on the cluster; create it with bus.topics.ensure([...contracts])`,
  };
  const message = messages[code] ?? `cannot ${operation}: ${said}`;
  return new BusError(code, message, { cause: error, retryable: code === "transport_failed" && mayPass(error), details });
}
