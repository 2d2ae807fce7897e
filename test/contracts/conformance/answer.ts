import type { ContractRegistry } from "@org/bus-core/compiler";

/** `conformance.ConformanceRequest`, as far as it is looked at. */
interface Request {
  readonly payload?:
    | { readonly case: "protobufPayload"; readonly value: Uint8Array }
    | { readonly case: "jsonPayload" | "textPayload" | "jspbPayload"; readonly value: string };
  readonly requestedOutputFormat: number;
  readonly messageType: string;
  readonly testCategory: number;
}

/** `conformance.ConformanceResponse.result`. */
type Result =
  | { readonly case: "parseError" | "serializeError" | "runtimeError" | "jsonPayload" | "skipped"; readonly value: string }
  | { readonly case: "protobufPayload"; readonly value: Uint8Array };

/** Numbers of `conformance.WireFormat` and of `conformance.TestCategory`. */
const [protobufFormat, jsonFormat] = [1, 2];
const ignoreUnknown = 3;

/** The encoded answer to an encoded request. */
export function answer(registry: ContractRegistry, bytes: Uint8Array): Uint8Array {
  const request = registry.decode("conformance.ConformanceRequest", bytes) as Request;
  return registry.encode("conformance.ConformanceResponse", { result: resultOf(registry, request) });
}

function resultOf(registry: ContractRegistry, { payload, messageType, requestedOutputFormat, testCategory }: Request): Result {
  // the runner asks which failures it is to expect; it is told elsewhere
  if (messageType === "conformance.FailureSet") return { case: "protobufPayload", value: new Uint8Array() };
  let message: object;
  switch (payload?.case) {
    case "protobufPayload":
    case "jsonPayload":
      try {
        message =
          payload.case === "protobufPayload"
            ? registry.decode(messageType, payload.value)
            : registry.fromJson(messageType, payload.value, { ignoreUnknownFields: testCategory === ignoreUnknown });
      } catch (error) {
        return { case: "parseError", value: String(error) };
      }
      break;
    default:
      return { case: "skipped", value: "there is no text format here" };
  }
  if (requestedOutputFormat !== protobufFormat && requestedOutputFormat !== jsonFormat) {
    return { case: "skipped", value: "there is no text format here" };
  }
  try {
    return requestedOutputFormat === protobufFormat
      ? { case: "protobufPayload", value: registry.contract(messageType).encode(message) }
      : { case: "jsonPayload", value: registry.toJson(messageType, message) };
  } catch (error) {
    return { case: "serializeError", value: String(error) };
  }
}
