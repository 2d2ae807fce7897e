/**
 * What went wrong, as a closed set. Code that reacts to an error switches on this; the message is for people.
 *
 * - `invalid_options`: an option is out of its bounds; `violations` lists all faults at once
 * - `contract_violation`: a message breaks its contract; `violations` lists all faults at once
 * - `malformed_message`: bytes, or JSON, that do not decode to the contract's message
 * - `unknown_topic`: the topic does not exist on the cluster
 * - `topic_conflict`: a topic exists, but not as the contract declares it
 * - `publish_failed`: the transport gave up on a message; `mayHaveBeenWritten` says what is known
 * - `record_too_large`: a record is larger than the publisher or the topic takes
 * - `aborted`: the caller's `AbortSignal` fired
 * - `closed`: the bus, stream or transport was closed before
 * - `handler_failed`: a handler threw, and the failure policy of its stream says to stop
 * - `timed_out`: a try of a handler took longer than its `handlerTimeoutMs`
 * - `delivery_lost`: a delivery vanished from a pipe without having been settled
 * - `offset_out_of_range`: a committed offset is no longer (or not yet) in the log
 * - `fenced`: work of an assignment that has since ended
 * - `not_authorized`, `not_authenticated`: the cluster refused the principal; the latter also where the certificate of a broker is not trusted
 * - `transport_failed`: the cluster could not be reached or answered with an error
 * - `unsupported`: the transport lacks a feature (see `Transport.features`)
 */
export type BusErrorCode =
  | "invalid_options"
  | "contract_violation"
  | "malformed_message"
  | "unknown_topic"
  | "topic_conflict"
  | "publish_failed"
  | "record_too_large"
  | "aborted"
  | "closed"
  | "handler_failed"
  | "timed_out"
  | "delivery_lost"
  | "offset_out_of_range"
  | "fenced"
  | "not_authorized"
  | "not_authenticated"
  | "transport_failed"
  | "unsupported";

/** One fault of a message or of an options object. */
export interface Violation {
  /** Where: `items[2].price.currency`, `labels["a b"]`, or `""` for the whole message. */
  readonly path: string;
  /** Which rule: `string.len`, `required`, `type`, `unknown_field`, … */
  readonly rule: string;
  /** What is wrong, in lower case: `must be 3 characters, is 4`. */
  readonly message: string;
  /** Of a message: the same as the standard says it. Made when it is read, so it is no part of the JSON of a violation or of a spread copy. */
  readonly standard?: StandardViolation;
}

/** What `buf.validate.Violation` has beside the id of the rule and the text. `encodeViolations` writes it for programs in other languages. */
export interface StandardViolation {
  /** From the message down to the value; empty: the message itself. */
  readonly field: readonly FieldPathElement[];
  /** From `buf.validate.FieldRules` down to the rule; empty for rules of whole messages and oneofs, and for what no rule asks for (`type`, `range` …). */
  readonly rule: readonly FieldPathElement[];
  /** Whether the key of an entry is meant, not its value. */
  readonly forKey: boolean;
}

/** `buf.validate.FieldPathElement`. Types are numbers of `google.protobuf.FieldDescriptorProto.Type`. */
export interface FieldPathElement {
  readonly fieldNumber?: number;
  /** As in the `.proto`; of an extension in brackets. */
  readonly fieldName: string;
  readonly fieldType?: number;
  /** Of a map. */
  readonly keyType?: number;
  readonly valueType?: number;
  readonly subscript?: FieldPathSubscript;
}

/** Which item or entry. */
export type FieldPathSubscript =
  | { readonly case: "index" | "intKey" | "uintKey"; readonly value: bigint }
  | { readonly case: "boolKey"; readonly value: boolean }
  | { readonly case: "stringKey"; readonly value: string };

/** What a `BusError` says besides its code and its message. */
export interface BusErrorOptions {
  readonly cause?: unknown;
  /** Whether the same call may succeed later without a change. @default false */
  readonly retryable?: boolean;
  readonly violations?: readonly Violation[];
  /** Publishing only: whether the record may be in the log although the call failed. @default false */
  readonly mayHaveBeenWritten?: boolean;
  /** Structured context for logs: topic, partition, offset, group … Never a value of a message. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What a thrown value says. Total: anything can be thrown, and what is said about it must not throw in its turn. */
export function messageOf(error: unknown): string {
  return textOf(() => (error instanceof Error ? error.message : error)) ?? "a value that cannot be read as text was thrown";
}

/** What `read` finds, as text; undefined when finding it or making text of it throws. */
export function textOf(read: () => unknown): string | undefined {
  try {
    return String(read());
  } catch {
    return undefined;
  }
}

/** `thrown`, or an Error in its place when it is an object that throws when it is looked at: a revoked proxy, a getter that fails. */
export function legible(thrown: unknown): unknown {
  try {
    if (thrown instanceof Error) for (const property of ["name", "message", "stack", "code", "retryable"]) Reflect.get(thrown, property);
    return thrown;
  } catch {
    return new Error(messageOf(thrown));
  }
}

/** The one error of the library. */
export class BusError extends Error {
  override readonly name = "BusError";
  readonly code: BusErrorCode;
  readonly retryable: boolean;
  readonly violations: readonly Violation[];
  readonly mayHaveBeenWritten: boolean;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: BusErrorCode, message: string, options: BusErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.violations = options.violations ?? [];
    this.mayHaveBeenWritten = options.mayHaveBeenWritten ?? false;
    this.details = options.details ?? {};
  }

  /** `error` itself if it is a BusError, else a BusError of `code` with `error` as its cause. */
  static from(thrown: unknown, code: BusErrorCode, options: Omit<BusErrorOptions, "cause"> = {}): BusError {
    const error = legible(thrown);
    if (error instanceof BusError) return error;
    return new BusError(code, messageOf(error), { ...options, cause: error });
  }
}
