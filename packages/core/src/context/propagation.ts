import { type Context, propagation, ROOT_CONTEXT, type TextMapGetter, type TextMapSetter } from "@opentelemetry/api";
import { type HeaderValue, headerText, type RecordHeaders } from "../transport/record.js";

const setter: TextMapSetter<Record<string, HeaderValue>> = {
  set(headers, name, value) {
    headers[name] = Buffer.from(value);
  },
};

const getter: TextMapGetter<RecordHeaders> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => headerText(headers, name),
};

/** Writes the trace and baggage of `context` into `headers`, in the format of the registered propagators (W3C by default). */
export function injectContext(context: Context, headers: Record<string, HeaderValue>): void {
  if (context !== ROOT_CONTEXT) propagation.inject(context, headers, setter);
}

/** The context that the producer of a record wrote into its headers; the root context where there is none, or no propagator. */
export function extractContext(headers: RecordHeaders): Context {
  return propagation.extract(ROOT_CONTEXT, headers, getter);
}
