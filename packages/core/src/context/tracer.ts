import { ProxyTracerProvider, type Tracer, type TracerProvider, trace } from "@opentelemetry/api";

const TRACER_NAME = "@org/bus-core";

let knownProvider: TracerProvider | undefined;
let knownTracer: Tracer | undefined;

/**
 * The tracer of the registered SDK, undefined where none is registered: then nothing about spans is computed at all. Asked at every
 * message, since an SDK may be registered after the bus was created.
 */
export function activeTracer(): Tracer | undefined {
  const registered = trace.getTracerProvider();
  if (!(registered instanceof ProxyTracerProvider)) return tracerOf(registered);
  const delegate = registered.getDelegate();
  if (delegate === knownProvider) return knownTracer;
  // a proxy without a delegate has no tracer to give
  return registered.getDelegateTracer(TRACER_NAME) === undefined ? remember(delegate, undefined) : tracerOf(delegate);
}

function tracerOf(provider: TracerProvider): Tracer | undefined {
  return provider === knownProvider ? knownTracer : remember(provider, provider.getTracer(TRACER_NAME));
}

function remember(provider: TracerProvider, tracer: Tracer | undefined): Tracer | undefined {
  knownProvider = provider;
  knownTracer = tracer;
  return tracer;
}
