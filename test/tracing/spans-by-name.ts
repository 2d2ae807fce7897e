import type { ReadableSpan } from "@opentelemetry/sdk-trace";

const isTime = (name: string): boolean => /^bus\.(wait\..*|handler)_ms$/.test(name);

/** The times that a span tells, by what follows `bus.`: `wait.key_ms`. */
export function timesOf(span: ReadableSpan | undefined): Readonly<Record<string, unknown>> {
  return timesIn(span?.attributes ?? {});
}

/** The places of the pipe that a span has passed, each with its times. */
export function stagesOf(span: ReadableSpan | undefined): readonly Readonly<Record<string, unknown>>[] {
  const events = span?.events.filter(({ name }) => name === "bus.stage") ?? [];
  return events.map(({ attributes = {} }) => ({ stage: attributes["bus.stage.name"], ...timesIn(attributes) }));
}

function timesIn(attributes: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => isTime(name))
      .map(([name, value]) => [name.slice("bus.".length), value]),
  );
}
