import type { ObservedStream } from "./observed-stream.js";

const streams = new Set<ObservedStream>();

/** From now on the stream is part of what the process tells of itself. Returns what takes it out again. */
export function openStream(stream: ObservedStream): () => void {
  streams.add(stream);
  return () => streams.delete(stream);
}

/**
 * The streams of all buses of the process that are open, or have failed and were not closed. For metrics and health only, which are of the process too.
 *
 * @internal
 */
export function openStreams(): readonly ObservedStream[] {
  return [...streams];
}
