/** What a handler reports when it starts and ends the `position`-th message of a track. */
export interface StepEvent {
  readonly phase: "start" | "end";
  readonly track: string;
  readonly position: number;
}

export interface StepReport {
  /** Positions whose handler ended, by track. */
  readonly ended: ReadonlyMap<string, ReadonlySet<number>>;
  /** Handlers that ended, repetitions included. */
  readonly handled: number;
  readonly maxConcurrent: number;
  /** Starts of a track while another message of it was running. */
  readonly overlaps: readonly StepEvent[];
  /** Starts of another position than the one after the last of its track. */
  readonly disorders: readonly StepEvent[];
}

/** Replays the events of one process, in the order in which they happened. */
export function reportOf(events: Iterable<StepEvent>): StepReport {
  const ended = new Map<string, Set<number>>();
  const lastStarted = new Map<string, number>();
  const running = new Set<string>();
  const overlaps: StepEvent[] = [];
  const disorders: StepEvent[] = [];
  let handled = 0;
  let concurrent = 0;
  let maxConcurrent = 0;
  for (const event of events) {
    const { phase, track, position } = event;
    if (phase === "start") {
      const last = lastStarted.get(track);
      if (running.has(track)) overlaps.push(event);
      if (last !== undefined && position !== last + 1) disorders.push(event);
      lastStarted.set(track, position);
      running.add(track);
      maxConcurrent = Math.max(maxConcurrent, ++concurrent);
    } else {
      running.delete(track);
      concurrent--;
      handled++;
      const positions = ended.get(track) ?? new Set();
      ended.set(track, positions.add(position));
    }
  }
  return { ended, handled, maxConcurrent, overlaps, disorders };
}

/** Steps of `tracks` tracks with `length` positions each that no report has seen to their end. */
export function missingSteps(reports: readonly StepReport[], tracks: number, length: number): readonly string[] {
  const missing: string[] = [];
  for (let track = 0; track < tracks; track++) {
    for (let position = 0; position < length; position++) {
      if (!reports.some((report) => report.ended.get(trackName(track))?.has(position))) missing.push(`${trackName(track)}/${position}`);
    }
  }
  return missing;
}

export function trackName(track: number): string {
  return `track-${track}`;
}
